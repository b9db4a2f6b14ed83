"""The kinds of state: each makes rows of records into moments, spans or episodes, for many entities at once.

Every kind has `needed(histories, horizon)`: which rows, all older than the horizon, it still depends on. What it says
of records at or after the horizon must be the same whether the other rows are there or not, but for what it says of
the others itself.
"""
