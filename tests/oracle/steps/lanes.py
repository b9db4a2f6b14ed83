"""A state that each lane of a key has by itself."""

from typing import Any

from tests.oracle.events import Event

Lanes = dict[Any, Any]
"""The state of each lane."""


class ByLane:
    """`part`: the automaton of one lane. `per`: the field that tells them apart. Others hear what is said in one."""

    fresh = dict

    def __init__(self, part: Any, per: str) -> None:
        self._part, self._per = part, per

    def step(self, state: Lanes, event: Event) -> None:
        """Takes the next record."""
        mine = event.fields[self._per]
        self._part.step(state.setdefault(mine, self._part.fresh()), event)
        if hasattr(self._part, "hear"):
            for lane, other in state.items():
                if lane != mine:
                    self._part.hear(other, event)
