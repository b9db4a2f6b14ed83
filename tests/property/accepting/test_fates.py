"""What becomes of a record is a function of the log before it: any batching says what the plain reading says."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.accepting.identifiers import SeenIdentifiers, content_digests, identifier_hashes
from tests.property.accepting.oracle import Declared, Event, books
from tests.property.accepting.streams import SMALL, T0, Partition, logs

cuts = st.lists(st.integers(0, 40), max_size=8)
MANY = settings(max_examples=200, deadline=None)


@MANY
@given(log=logs(), cuts=cuts, sweeps=st.booleans(), remembered=st.sampled_from([3, 6, 1000]))
def test_any_batching_gives_the_same_fates(log: list[Event], cuts: list[int], sweeps: bool, remembered: int) -> None:
    declared = dataclasses.replace(SMALL, remembered=remembered)
    assert Partition(declared, log, sweeps=sweeps).run(cuts) == books(log, declared)


@MANY
@given(log=logs(naming=False), cuts=cuts)
def test_streams_without_corrections(log: list[Event], cuts: list[int]) -> None:
    declared = dataclasses.replace(SMALL, corrections=None)
    assert Partition(declared, log).run(cuts) == books(log, declared)


@MANY
@given(log=logs(), cuts=cuts, position=st.integers(0, 40))
def test_ids_and_contents_are_rebuilt_from_the_log(log: list[Event], cuts: list[int], position: int) -> None:
    position = min(position, len(log))
    whole, tail = Partition(SMALL, log), Partition(SMALL, log)
    rebuilt = SeenIdentifiers(SMALL.remembered)
    since = rebuilt.rebuild_from(position)
    if since < position:
        frame = tail.frame(since, position)
        rebuilt.add(identifier_hashes(frame), content_digests(frame), frame["offset"].to_numpy())
    whole.run([*cuts, position])
    conflicts = sum(fate == "duplicate" and offset >= position for offset, fate in enumerate(books(log, SMALL).fates))
    frame = tail.frame(position, len(log)) if position < len(log) else tail.frame(0, 1).clear()
    sighting = rebuilt.add(identifier_hashes(frame), content_digests(frame), frame["offset"].to_numpy())
    assert int((~sighting.fresh).sum()) == conflicts
    before = books(log[:position], SMALL).conflicting
    assert before + int(sighting.conflicting.sum()) == books(log, SMALL).conflicting == whole.books.conflicting


@pytest.mark.parametrize(
    ("said", "fate", "late"),
    [
        (T0 - 1, "late", -9),
        (T0, "correction", None),
        (T0 + 8, "correction", None),
        (T0 + 9, "late", 1),
        (T0 + 15, "late", 7),
        (T0 + 16, "late", 0),
    ],
)
def test_a_void_counts_within_its_horizon(said: int, fate: str, late: int | None) -> None:
    log: list[Event] = [{"id": "a", "time": T0}, {"id": "b", "time": said, "voids": "a"}]
    found = Partition(SMALL, log).run([1])
    assert (found.fates[1], found.late.get(1)) == (fate, late)
    assert found == books(log, SMALL)


@pytest.mark.parametrize("cut", [[], [1], [2], [1, 2]])
def test_what_a_void_names(cut: list[int]) -> None:
    """A later event is waited for; a late one, another correction and itself under another source are not it."""
    long = Declared(disorder=0, lateness=5, corrections=100, remembered=1000)

    def fates(*log: Event) -> list[str]:
        return Partition(long, list(log)).run(cut).fates

    void: Event = {"id": "v", "time": T0 + 1, "voids": "a"}
    assert fates(void, {"id": "a", "time": T0}) == ["correction", "aggregated"]
    ahead, behind = {"id": "x", "time": T0 + 90}, {"id": "a", "time": T0}
    assert fates(ahead, behind, {**void, "time": T0 + 90}) == ["aggregated", "late", "late"]
    assert fates(behind, void, {"id": "w", "time": T0 + 2, "voids": "v"}) == ["aggregated", "correction", "late"]
    assert fates({**behind, "source": "crm"}, void) == ["aggregated", "correction"]
