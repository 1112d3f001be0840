"""One small file per family of devices."""
