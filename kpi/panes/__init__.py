"""Panes: contributions reduced to rows, merged into state, and written as changes."""
