"""What becomes of each record, as a function of the log before it."""
