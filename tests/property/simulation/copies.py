"""What must become of the records of a re-keyed partition. Shares no code with the core."""

from collections.abc import Mapping, Sequence

import orjson

from tests.oracle.events import Event
from tests.property.simulation.declared import LATENESS, PLACES, Place
from tests.property.simulation.differences import Differs


class Copies:
    """A re-keyed partition, as far as its task has come: each copy once, and the last mark of each origin."""

    def __init__(self, said: Mapping[bytes | None, Event | None]) -> None:
        self._said = said
        self.position = self.marks = self.repeats = 0
        self.watermarks: dict[Place, int] = {}
        self.places: dict[Place, list[int]] = {place: [] for place in PLACES}

    def read(self, values: Sequence[bytes | None]) -> None:
        """Reads on."""
        self.position += len(values)
        for value in values:
            head, _, raw = (value or b"")[1:].partition(b"\n")
            topic, partition, *rest = orjson.loads(head)
            known = self.places[topic, partition]
            if len(rest) == 1:
                self.marks += 1
                self.watermarks[topic, partition] = max(rest[0], self.watermarks.get((topic, partition), rest[0]))
            elif known and rest[0] <= known[-1]:
                self.repeats += 1
            else:
                known.append(rest[0])
                self._check_order((topic, partition), rest[0], self._said[raw])

    def _check_order(self, place: Place, offset: int, event: Event | None) -> None:
        """A mark follows everything that it may let be forgotten."""
        horizon = self.watermarks.get(place, 0) - LATENESS[place[0]]
        if event is None or event.time < horizon:
            raise Differs(f"the copy of {place} {offset} comes after a mark which says that nothing so old does")
