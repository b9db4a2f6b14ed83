"""Replacing what the service calls by name, from outside."""

from collections.abc import Callable
from typing import Any


def around(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    """Puts in the place of `owner.name` what `wrap` makes of it. Raises AttributeError where there is no such name."""
    setattr(owner, name, wrap(getattr(owner, name)))
