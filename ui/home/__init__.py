"""The home screen: sessions to open or resume, and a new one."""
