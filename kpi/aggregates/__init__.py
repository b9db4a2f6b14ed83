"""Aggregates: how each is held in rows, made of contributions, merged, withdrawn, encoded and read."""
