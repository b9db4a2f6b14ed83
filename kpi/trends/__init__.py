"""Where the values of closed windows are heading, and whether one of them is out of the ordinary."""
