"""Logs on disk: an encrypted database, its keys, and the anchor that shows a cut-off tail."""
