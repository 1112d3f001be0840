"""From an advertisement to readings: drivers, links, and a radio without a radio."""
