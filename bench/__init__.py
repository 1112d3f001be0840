"""Measurements, each runnable alone: `python -m bench.NAME` prints one JSON line per figure."""
