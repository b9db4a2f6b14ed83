"""Events as a business reports them, and how a story is told in them."""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.table.business.clock import END, START

Body = dict[str, Any]


class Event(NamedTuple):
    """An event of a stream. `body`: its id, source and time (epoch milliseconds), and the stream's fields."""

    stream: str
    body: Body

    @property
    def time(self) -> int:
        """Epoch milliseconds."""
        time = self.body["time"]
        assert isinstance(time, int)
        return time


class Teller:
    """Tells what happens. Whatever would lie outside the year is left out, with all that follows on it.

    `since`: from when on it tells, epoch milliseconds, where that is before the year.
    """

    def __init__(self, seed: str, *, since: int = START) -> None:
        self.chance = random.Random(f"{seed}/table")
        self._seed, self._told, self._since = seed, 0, since

    def say(self, stream: str, time: int, **fields: Any) -> Iterator[Event]:
        """One event; fields that are None are not sent."""
        if self._since <= time < END:
            self._told += 1
            known = {name: value for name, value in fields.items() if value is not None}
            yield Event(stream, {"id": f"{self._seed}-{self._told}", "source": "table", "time": time, **known})

    def after(self, time: int, mean: float) -> int:
        """Some time later; `mean`: milliseconds."""
        return time + 1 + int(self.chance.expovariate(1 / mean))

    def one_of(self, **weights: float) -> str:
        """One of the names, by weight."""
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def happens(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.chance.random() < share
