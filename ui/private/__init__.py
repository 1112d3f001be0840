"""A therapist's private notes: what screens may ask about them, and the panel where they are read."""
