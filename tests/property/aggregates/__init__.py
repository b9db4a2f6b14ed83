"""Every aggregate by itself: its algebra, its encoding, and its results against plain Python."""
