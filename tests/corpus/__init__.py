"""Committed values for tests, and their readers."""
