"""Entities: all records of one key, folded into a settled state and a sorted tail."""
