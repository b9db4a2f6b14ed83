"""Recomputing values from the records that topics still hold, beside the workers, and switching readers over."""
