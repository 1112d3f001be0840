"""Virtual instruments, one module per family: they speak the real bytes on the virtual radio."""
