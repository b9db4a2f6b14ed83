"""The events themselves, where later ones may void or correct them."""

from collections.abc import Iterable

from tests.oracle.events import Event

Known = dict[tuple[str, str], tuple[Event, Event | None, bool]]
"""By source and id: the event, its last correction, and whether it was voided."""


class Corrections:
    """`horizon`: how long after an event a record may still void or correct it."""

    fresh = dict

    def __init__(self, horizon: int) -> None:
        self._horizon = horizon

    def step(self, state: Known, event: Event) -> None:
        """Takes the next record of the key."""
        if not event.said:
            state[event.source, event.id] = (event, None, False)
            return
        named = (event.source, str(event.voids if event.voids is not None else event.corrects))
        if named in state:
            first, last, voided = state[named]
            if not voided and first.time <= event.time <= first.time + self._horizon:
                state[named] = (first, last, True) if event.voids is not None else (first, event, False)


def effective(state: Known) -> Iterable[Event]:
    """The events that stand, at their own place and with the fields of their last correction, in order."""
    standing = [
        first if last is None else first._replace(fields=last.fields)
        for first, last, voided in state.values()
        if not voided
    ]
    return sorted(standing, key=lambda each: each[:4])
