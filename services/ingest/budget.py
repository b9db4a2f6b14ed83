"""How many bytes of events may be held at once, over all requests."""

from typing import Self


class BufferFull(Exception):
    """No more bytes can be held now."""


class Budget:
    """Bytes that are taken and given back. Never more than `limit` are out."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def take(self, size: int) -> None:
        """Take `size` bytes, or raise BufferFull and take nothing."""
        if self.used + size > self.limit:
            raise BufferFull(f"{self.used} of {self.limit} bytes wait for Kafka")
        self.used += size

    def give_back(self, size: int) -> None:
        """Give back `size` of the bytes taken."""
        self.used -= size


class Held:
    """What one request holds of a budget; given back at the end of the context."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._budget.give_back(self._size)
        self._size = 0

    def take(self, size: int) -> None:
        """Hold `size` bytes more. Raises BufferFull."""
        self._budget.take(size)
        self._size += size
