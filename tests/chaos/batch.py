"""What the panes must hold, computed at once from the accepted events. Shares no code with the core.

A cell is by (task partition, grain, start, dimension values in the order of their names, and bucket or hash of a key).
Of a total it holds (count, value) and for a variance the sum of squares besides; of a level (sum of changes, sum of
changes x milliseconds since the start); of keys and histograms (count,).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import polars as pl
import polars_hash as plh

from tests.chaos.declared import (
    CALLS,
    CORRECTIONS,
    DEALS,
    GRAINS,
    LEAD_FORGOTTEN,
    LEADS,
    REOPENED_WITHIN,
    TICKET_FORGOTTEN,
    TICKETS,
    answer_within,
    home,
)
from tests.oracle.events import Event, lives
from tests.oracle.steps.holdings import Holdings

Cell = tuple[int, ...]
Cells = dict[tuple[Any, ...], Cell]
Accepted = Mapping[str, Sequence[Sequence[Event]]]
"""By topic and partition."""

Retained = Mapping[str, Mapping[str, int]]
"""By task and grain, the time (epoch milliseconds) before which panes are gone."""


class Counted(NamedTuple):
    """One contribution."""

    time: int
    names: tuple[Any, ...]
    value: int


Fold = Callable[[Sequence[Counted], int, int], Cell]
"""The cell of all contributions to one pane. Takes those, its start and its length."""

Wanted = Mapping[tuple[str, str], tuple[Iterable[Counted], Fold]]


def all_cells(lots: Iterable[Accepted], retained: Retained) -> dict[tuple[str, str], Cells]:
    """The cells of every measure, by (KPI, measure). A key that is in two lots is two keys."""
    parts: dict[tuple[str, int, tuple[str, str]], tuple[list[Counted], Fold]] = {}
    for accepted in lots:
        for unit, partition, wanted in _contributions(accepted):
            for measure, (counted, fold) in wanted.items():
                parts.setdefault((unit, partition, measure), ([], fold))[0].extend(counted)
    found: dict[tuple[str, str], Cells] = defaultdict(dict)
    for (unit, partition, measure), (contributed, fold) in parts.items():
        _fill(found[measure], partition, contributed, fold, retained.get(f"{unit}/{partition}", {}))
    return found


def _contributions(accepted: Accepted) -> Iterator[tuple[str, int, Wanted]]:
    """(unit, partition, what is contributed to each measure)."""
    for partition, events in enumerate(accepted[CALLS]):
        yield "chaos.call", partition, _calls(events)
    for partition, events in enumerate(accepted[TICKETS]):
        yield "ticket", partition, _tickets(events)
    for partition, events in enumerate(accepted[DEALS]):
        stands = [Counted(e.time, (e.fields["action"],), e.fields["amount"]) for e in standing(events)]
        yield "chaos.deal", partition, {("turnover", "amount"): (stands, _total)}
    for partition, events in _by_lead(accepted).items():
        yield "lead", partition, {("conversion", "won"): (_conversion(events), _total)}


def _fill(cells: Cells, partition: int, counted: Sequence[Counted], fold: Fold, kept: Mapping[str, int]) -> None:
    """Of panes that are gone, a level keeps the sum of all changes before: the `base` of its grain."""
    for grain, length in GRAINS.items():
        horizon = kept.get(grain)
        parts: dict[tuple[Any, ...], list[Counted]] = defaultdict(list)
        for each in counted:
            start = each.time // length * length
            if horizon is None or start >= horizon:
                parts[start, *each.names].append(each)
            elif fold is _level:
                parts["base", *each.names].append(each)
        for key, part in parts.items():
            cell = (sum(each.value for each in part), 0) if key[0] == "base" else fold(part, key[0], length)
            if any(cell):
                cells[partition, grain, *key] = cell


def _count(counted: Sequence[Counted], _: int, __: int) -> Cell:
    return (len(counted),)


def _total(counted: Sequence[Counted], _: int, __: int) -> Cell:
    return len(counted), sum(each.value for each in counted)


def _level(changes: Sequence[Counted], start: int, _: int) -> Cell:
    return sum(each.value for each in changes), sum(each.value * (each.time - start) for each in changes)


def _calls(events: Sequence[Event]) -> Wanted:
    calls = [Counted(e.time, (f["direction"], f["team"]), f["duration_s"]) for e in events for f in (e.fields,)]
    outgoing = [each for each in calls if each.names[0] == "out"]
    lengths = [Counted(each.time, (each.names[1], bucket(each.value)), 1) for each in calls]
    hashes = hashed({event.fields["agent_id"] for event in events})
    agents = [Counted(event.time, (hashes[event.fields["agent_id"]],), 1) for event in events]
    return {
        ("calls", "number"): (calls, _count),
        ("calls", "outgoing"): (outgoing, _count),
        ("calls", "spoken"): (calls, _total),
        ("calls", "shortest"): (calls, lambda part, _, __: (len(part), min(each.value for each in part))),
        ("calls", "longest"): (calls, lambda part, _, __: (len(part), max(each.value for each in part))),
        ("calls", "spread"): (
            calls,
            lambda part, _, __: (len(part), sum(each.value for each in part), sum(each.value**2 for each in part)),
        ),
        ("call_length", "length"): (lengths, _count),
        ("agents", "agents"): (agents, _count),
    }


def _tickets(events: Sequence[Event]) -> Wanted:
    waited: list[Counted] = []
    in_time: list[Counted] = []
    resolved: list[Counted] = []
    changes: list[Counted] = []
    for history in _grouped(events, "ticket_id").values():
        for life in lives(history, TICKET_FORGOTTEN):
            _answers(life, waited, in_time)
            _openings(life, resolved, changes)
    buckets = [Counted(each.time, (*each.names, bucket(each.value)), 1) for each in resolved]
    return {
        ("response", "waited"): (waited, _total),
        ("response", "in_time"): (in_time, _total),
        ("resolution", "resolved"): (resolved, _total),
        ("resolution", "resolved_p90"): (buckets, _count),
        ("backlog", "open"): (changes, _level),
    }


def _answers(life: Sequence[Event], waited: list[Counted], in_time: list[Counted]) -> None:
    place = next((place for place, event in enumerate(life) if event.fields["action"] == "opened"), None)
    if place is None:
        return
    opened = life[place]
    team = opened.fields["team"]
    due = opened.time + answer_within(team)
    reply = next((event for event in life[place + 1 :] if event.fields["action"] == "replied"), None)
    if reply is not None:
        waited.append(Counted(reply.time, (reply.fields["team"],), reply.time - opened.time))
    if reply is not None and reply.time <= due:
        in_time.append(Counted(reply.time, (team,), 1))
    else:
        in_time.append(Counted(due, (team,), 0))


_OPEN = Holdings(
    lambda event: event.fields["action"] in ("opened", "reopened"),
    lambda event: event.fields["action"] == "resolved",
    renews=lambda event: event.fields["action"] == "moved",
    within=REOPENED_WITHIN,
)


def _openings(life: Sequence[Event], resolved: list[Counted], changes: list[Counted]) -> None:
    state = _OPEN.fresh()
    for event in life:
        _OPEN.step(state, event)
    resolved += [
        Counted(episode.ended, (episode.event.fields["team"],), episode.ended - episode.started)
        for episode in state.episodes
        if episode.ended is not None
    ]
    edges = state.all_edges(life[-1].time + TICKET_FORGOTTEN)
    changes += [Counted(time, (event.fields["team"],), sign) for time, sign, event in edges]


def standing(events: Iterable[Event]) -> list[Event]:
    """The events that stand once every void and correction that is effective has been heard."""
    said: dict[tuple[str, str], list[Event]] = defaultdict(list)
    plain = []
    for event in events:
        if event.said:
            said[event.source, event.corrects or event.voids or ""].append(event)
        else:
            plain.append(event)
    found = []
    for event in plain:
        words = [
            word for word in said.get((event.source, event.id), ()) if 0 <= word.time - event.time <= CORRECTIONS[DEALS]
        ]
        if any(word.voids for word in words):
            continue
        last = max(words, key=lambda word: word.order, default=None)
        found.append(event if last is None else event._replace(fields=last.fields))
    return found


def _by_lead(accepted: Accepted) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for event in chain(*accepted[LEADS], *accepted[DEALS]):
        lead = event.fields.get("lead_id")
        if lead is not None:
            found[home(lead)].append(event)
    return found


def _conversion(events: Sequence[Event]) -> list[Counted]:
    found = []
    leads = [event for event in events if event.stream == LEADS]
    deals = standing(event for event in events if event.stream == DEALS)
    for history in _grouped([*leads, *deals], "lead_id").values():
        for life in lives(history, LEAD_FORGOTTEN):
            place = next((n for n, e in enumerate(life) if e.stream == LEADS and e.fields["action"] == "created"), None)
            if place is not None:
                created = life[place]
                won = any(e.stream == DEALS and e.fields["action"] == "won" for e in life[place + 1 :])
                found.append(Counted(created.time, (created.fields["region"],), int(won)))
    return found


def _grouped(events: Iterable[Event], key: str) -> dict[str, list[Event]]:
    """The events of each key, in their order."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.fields[key]].append(event)
    for history in found.values():
        history.sort(key=lambda event: (*event.order, event.stream))
    return found


@cache
def bucket(value: int) -> int:
    """The bucket of a value that is not negative: k where 2^((k - 1) / 64) < value <= 2^(k / 64), beside 2^20."""
    if value == 0:
        return 0
    k = round(64 * math.log2(value))
    while 2**k < value**64:
        k += 1
    while 2 ** (k - 1) >= value**64:
        k -= 1
    return k + 2**20


def hashed(keys: Iterable[str]) -> dict[str, int]:
    """The XXH3 hash of each text."""
    frame = pl.DataFrame({"key": sorted(keys)}, schema={"key": pl.String})
    return dict(frame.with_columns(plh.col("key").nchash.xxh3_64().alias("hash")).iter_rows())
