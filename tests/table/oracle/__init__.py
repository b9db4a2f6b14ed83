"""What each KPI of the year is, computed from the raw events in plain Python. Nothing here knows the product."""
