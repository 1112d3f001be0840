"""A radio without a radio: virtual Bluetooth instruments for the demo and the tests.

Nothing outside imports this package at import time; it is the only place that knows bumble.
"""
