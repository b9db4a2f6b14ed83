"""What plain streams contribute beside each event at its own time."""
