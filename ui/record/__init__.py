"""The record of a session that has ended: read, corrected, signed."""
