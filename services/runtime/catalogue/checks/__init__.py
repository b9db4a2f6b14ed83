"""What a declaration says against what the others offer."""
