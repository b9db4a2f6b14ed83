"""How many random logs a body is tried with."""

from hypothesis import HealthCheck, settings

MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
