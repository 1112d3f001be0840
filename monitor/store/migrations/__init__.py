"""How the schema came to be what it is. No revision ever touches `entry.data` or `chunk.data`."""
