"""States whose time does not count in a duration (`less`): how much of it, and which of their records are kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from kpi.entities.covering import Covered, kept
from kpi.entities.histories import NULL, Histories, Integers, Mask
from kpi.entities.states.episodes import Episode
from kpi.entities.states.holdings import Spans
from kpi.entities.states.moments import First
from schemas.entities import NEVER, Entity

Held = Callable[[str], Spans]
"""The spans in which a state is held."""


@dataclass(frozen=True, slots=True)
class Pause:
    """`states`: those that do not count. `ends`: the states that offer the duration's moments.

    `lasts`: whether both are set for good once they are, so that it lies where it does.
    """

    states: tuple[str, ...]
    ends: tuple[str, str]
    lasts: bool


class Pauses:
    """The pauses of an entity's durations. `kinds`: its states, compiled."""

    def __init__(self, entity: Entity, kinds: Mapping[str, object]) -> None:
        self._episodes = {name: kind for name, kind in kinds.items() if isinstance(kind, Episode)}
        self._firsts = {name: kind for name, kind in kinds.items() if isinstance(kind, First)}
        owners = entity.moments
        self._pauses = []
        for each in entity.durations.values():
            if each.less:
                ends = owners[each.from_], owners[each.to]
                self._pauses.append(Pause(each.less, ends, all(map(self._is_for_good, ends))))

    def _is_for_good(self, state: str) -> bool:
        kind: object = self._firsts.get(state)
        while isinstance(kind, First) and kind.after is not None:
            kind = kind.after
        return isinstance(kind, First)

    def spans(self, states: Iterable[str], histories: Histories, held: Held) -> tuple[Integers, Integers, Integers]:
        """(life, start, end) of the holdings of these states; end NULL while one is held."""
        spans = [held(name) for name in states]
        rows = np.concatenate([each.start for each in spans])
        return histories.life[rows], histories.time[rows], np.concatenate([each.end for each in spans])

    def needed(self, histories: Histories, masks: Mapping[str, Mask], held: Held) -> dict[str, Mask]:
        """By state the rows to keep, all older than the horizon, since a duration that can still change reads them.

        `masks`: by state, the rows that it depends on itself. What is known of the ends of a duration is among these.
        While neither is known no pause that is over can lie in it.
        """
        found: dict[str, Mask] = {}
        if not histories.rows:
            return found
        latest = int(histories.time.max()) + 1
        for pause in self._pauses:
            one, other = pause.ends
            first = histories.moments(histories.first_of(masks[one] | masks[other]))
            low = np.where(first == NULL, NEVER, first)
            high = np.full(histories.lives, NEVER)
            if pause.lasts:
                ends = [histories.moments(self._firsts[end].of(histories).row) for end in pause.ends]
                high = np.where(np.minimum(*ends) == NULL, NEVER, np.maximum(*ends))
            life, start, end = self.spans(pause.states, histories, held)
            covered = Covered(life, start, np.where(end == NULL, latest, end))
            mask = kept(covered, histories.life, histories.time, low, high)
            for name in pause.states:
                # A holding that is kept has to be known as dropped, or the next one would go on with its episode.
                drops = self._episodes[name].drops_after(histories, mask)
                found[name] = found.get(name, np.zeros(histories.rows, bool)) | mask | drops
        return found
