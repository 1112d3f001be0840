"""What a session is: vitals, the log, what it adds up to, alarms. No Qt, no Bluetooth."""

__version__ = "0.1.0"
