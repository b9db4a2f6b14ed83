"""Levels within bounds, and the end of what several lanes hold, against a look at all records."""

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.declared import kpi
from tests.pipeline import Pipeline, catalogue_of

HOUR = 3_600_000
T0 = 1_772_409_600_000
"""2026-03-02T00:00:00Z."""

DECLARED = """
stream: risk.note
key: risk
partitions: 1
clock: replay
disorder: 0s
lateness: LATENESS
fields:
  risk: string
  step: string?
  action: {enum: [opened, closed, begun, done]}
---
entity: risk
of: {risk.note: risk}
forget_after: 30d
states:
  opened: {first: action = 'opened'}
  closed: {first: action = 'closed'}
  step: {enter: action = 'begun', leave: action = 'done', per: step}
  any: {while: action = 'begun', per: step}
contributions:
  step: {level: step, from: opened_time, until: closed_time + 3600000, where: opened_time is not null}
  finished: {each: any, at: any_ended}
""" + "".join(
    kpi(name, f"{{them: {{from: risk.{name}, aggregate: {aggregate}}}}}", "them", windows="{tumbling: [1h]}")
    for name, aggregate in (("step", "level"), ("finished", "count"))
)
Note = tuple[int, str, str, str | None]
said = st.tuples(st.sampled_from("ab"), st.sampled_from(["opened", "closed"]), st.none())
done = st.tuples(st.sampled_from("ab"), st.sampled_from(["begun", "done"]), st.sampled_from("xyz"))
histories = st.lists(st.tuples(st.integers(1, 479), st.one_of(said, done, done)), max_size=14, unique_by=lambda n: n[0])


def spans(notes: Sequence[Note]) -> list[tuple[int, int]]:
    """From when to when each step of one risk is begun; 2^62: it still is."""
    found = []
    for step in "xyz":
        start = None
        for time, _, action, lane in notes:
            if lane == step and action == "begun" and start is None:
                start = time
            elif lane == step and action == "done" and start is not None:
                found.append((start, time))
                start = None
        found += [(start, 2**62)] if start is not None else []
    return found


def level(notes: Sequence[Note], end: int) -> int:
    total = 0
    for risk in "ab":
        mine = [note for note in notes if note[1] == risk]
        opened = min((time for time, _, action, _ in mine if action == "opened"), default=None)
        closed = min((time for time, _, action, _ in mine if action == "closed"), default=2**61)
        for start, stop in spans(mine) if opened is not None else ():
            begins, ends = max(start, opened or 0), min(stop, closed + HOUR)
            total += begins < ends and begins < end <= ends
    return total


def finished(notes: Sequence[Note], start: int, end: int) -> int:
    """How often the last step that a risk had begun was done. Who speaks without a step speaks for all."""
    count = 0
    for risk in "ab":
        begun: set[str] = set()
        for time, _, action, lane in (note for note in notes if note[1] == risk):
            was = bool(begun)
            begun = (begun | {lane} if action == "begun" else begun - {lane}) if lane else set()
            count += was and not begun and start <= time < end
    return count


@pytest.mark.parametrize("lateness", ["1h", "2d"])
@settings(max_examples=25, deadline=None)
@given(some=histories, swaps=st.randoms(use_true_random=False), at_once=st.integers(1, 5))
def test_levels_within_bounds(
    lateness: str, some: list[tuple[int, tuple[str, str, str | None]]], swaps: random.Random, at_once: int
) -> None:
    notes = sorted((T0 + minute * 60_000, *what) for minute, what in some)
    arriving = [{"time": t, "risk": r, "action": a, **({"step": s} if s else {})} for t, r, a, s in notes]
    if lateness == "2d":
        swaps.shuffle(arriving)
    with TemporaryDirectory() as folder:
        made = Pipeline(catalogue_of(Path(folder), DECLARED.replace("LATENESS", lateness)))
        for first in range(0, len(arriving), at_once):
            made.send("risk.note", *arriving[first : first + at_once], flush=False)
        made.send("risk.note", {"time": T0 + 12 * HOUR, "risk": "z", "action": "closed"})
        for hour in range(10):
            start, end = T0 + hour * HOUR, T0 + (hour + 1) * HOUR
            at = f"2026-03-02T{hour:02}:30:00Z"
            found = (made.value("step", "1h", at).value or 0, made.value("finished", "1h", at).value or 0)
            assert found == (level(notes, end), finished(notes, start, end)), hour
        made.view.close()
