"""What people hear: synthesis, and a process of its own that goes on when the app does not."""
