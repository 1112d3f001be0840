"""Alert conditions as data, the pure engine that decides them, and what shows and sounds."""
