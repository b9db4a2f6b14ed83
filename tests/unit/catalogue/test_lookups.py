"""Lookup tables, in declarations and in files, and what streams take from them."""

from pathlib import Path

import pytest

from kpi.definition import definition_version
from kpi.plan import Plan
from kpi.planning import plan
from services.runtime.catalogue import CatalogueErrors, Mistake, load
from tests.unit.catalogue.cases import Case, Found, assert_found_alone

WHOLE = """\
stream: desk.call
key: rep_id
fields:
  rep_id: string
  extension: int32
  weight: {type: decimal, scale: 2}
attributes:
  team: {in: reps, by: rep_id}
  place: {in: reps, by: rep_id, take: town}
  floor: {by: extension, values: {"11": ground, "21": first}}
---
lookup: reps
key: rep
rows:
  - {rep: ann, team: north, town: Kiel}
  - {rep: bob, team: south, town: Ulm}
  - {rep: cat, team: north}
---
entity: rep
of: {desk.call: rep_id}
forget_after: 90d
states:
  called: {first: team = 'north', carrying: [team, place]}
contributions:
  first: {at: called_time, dimensions: {team: called_team}}
---
kpi: calls
title: Calls
sentence: How many calls there were.
department: service
unit: calls
direction: up
kind: leading
owner: me
measures:
  calls: {from: desk.call, aggregate: count, where: floor = 'first'}
  first: {from: rep.first, aggregate: count}
formula: calls + first
dimensions: [team]
windows: {calendar: [day]}
"""
CASES = {
    "unknown lookup": Case("{in: reps, by: rep_id}", "{in: rep, by: rep_id}", "unknown lookup 'rep'", "reps"),
    "field of decimals": Case(
        "by: rep_id, take", "by: weight, take", "'weight' is decimal: what is looked up is text or a whole number"
    ),
    "unknown field": Case("by: rep_id, take", "by: rp_id, take", "unknown field of desk.call 'rp_id'", "rep_id"),
    "unknown column": Case("take: town}", "take: twn}", "unknown column of reps 'twn'", "town"),
    "rows and a file": Case(
        "key: rep\n", "key: rep\nfile: reps.csv\n", "a lookup has either file or rows", at="lookup: reps"
    ),
    "row without its key": Case("{rep: cat, team", "{rp: cat, team", "a row without 'rep', by which it is looked up"),
    "repeated key": Case(
        "{rep: cat,", "{rep: bob, ", "rep 'bob' stands here twice, first in line 16", at="{rep: bob,  team: north}"
    ),
    "value that no row has": Case(
        "first: team = 'north'", "first: team = 'nort'", "team is never 'nort': it is north or south", "north"
    ),
    "value that is not written": Case(
        "floor = 'first'", "floor = 'frst'", "floor is never 'frst': it is first or ground", "first"
    ),
    "neither table nor values": Case(
        "  floor:",
        "  other: {by: extension}\n  floor:",
        "other: an attribute has either in (a lookup) or values",
    ),
    "a column of written values": Case(
        "  floor:",
        "  other: {by: extension, take: x, values: {a: b}}\n  floor:",
        "other: take goes with in",
    ),
    "unknown column of its name": Case(
        "  place:", "  towns: {in: reps, by: rep_id}\n  place:", "unknown column of reps 'towns'", "town"
    ),
    "name of a field": Case(
        "  place:",
        "  weight: {in: reps, by: rep_id, take: team}\n  place:",
        "'weight' is in the events of desk.call already; name the attribute otherwise",
    ),
    "name that the service keeps": Case(
        "  place:",
        "  offset: {in: reps, by: rep_id, take: team}\n  place:",
        "the service keeps something of its own as 'offset'; name the field otherwise",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WHOLE)


def in_file(folder: Path, content: bytes) -> tuple[Mistake, ...]:
    (folder / "reps.csv").write_bytes(content)
    begin, end = WHOLE.index("rows:"), WHOLE.index("---\nentity")
    (folder / "mine.yaml").write_text(WHOLE[:begin] + "file: reps.csv\n" + WHOLE[end:])
    try:
        load([folder], default=False)
    except CatalogueErrors as errors:
        return errors.mistakes
    return ()


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"name,team,town\nann,north,Kiel\n", 1, "no column 'rep', by which reps is looked up"),
        (b"rep,team,town\nann,north,Kiel\n\nbob,south\n", 4, "2 cells, but 3 columns"),
        (
            b'rep,team,town\nann,"north\nand more",Kiel\n,south,Ulm\n',
            4,
            "a row without 'rep', by which it is looked up",
        ),
        (b"rep,team,town\nann,north,Kiel\nann,south,Ulm\n", 3, "rep 'ann' stands here twice, first in line 2"),
        (b"rep,team,team,town\nann,north,west,Kiel\n", 1, "the column 'team' stands here twice"),
        (b"rep,team,town\nann,n\xf6rth,Kiel\n", 1, "not UTF-8 text"),
        (b'rep,team,town\nann,"no"rth,Kiel\n', 2, "not CSV: ',' expected after '\"'"),
    ],
)
def test_mistakes_in_a_file_have_its_lines(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    assert Mistake(str(tmp_path / "reps.csv"), line, message) in in_file(tmp_path, content)


def test_a_file_that_is_not_there_is_a_mistake_of_the_declaration(tmp_path: Path) -> None:
    in_file(tmp_path, b"")
    (tmp_path / "reps.csv").unlink()

    with pytest.raises(CatalogueErrors) as raised:
        load([tmp_path], default=False)

    assert f"mine.yaml:{WHOLE.splitlines().index('rows:') + 1}: {tmp_path / 'reps.csv'} cannot be read" in str(
        raised.value
    )


def test_a_file_is_what_its_rows_are(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "mine.yaml").write_text(WHOLE)
    assert in_file(tmp_path / "two", b"\xef\xbb\xbfrep,team,town\nann,north,Kiel\n\nbob,south,Ulm\ncat,north,\n") == ()

    written, read = (load([tmp_path / name], default=False) for name in ("one", "two"))

    assert plan(written).groups.keys() == plan(read).groups.keys()
    assert definition_version(written, "calls") == definition_version(read, "calls")


def counted(planned: Plan) -> set[str]:
    """The names of what is counted of plain events."""
    groups = [group for group in planned.groups.values() if group.entity is None]
    return {group.id for group in groups} | {column.name for group in groups for column in group.columns}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("bob, team: south", "bob, team: north", True),
        ("town: Ulm", "town: Bonn", False),
        ('"21": first', '"22": first', True),
    ],
)
def test_what_is_read_of_a_table_is_part_of_what_is_counted(tmp_path: Path, old: str, new: str, changes: bool) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "mine.yaml").write_text(WHOLE)
    (tmp_path / "two" / "mine.yaml").write_text(WHOLE.replace(old, new))

    before, after = (plan(load([tmp_path / name], default=False)) for name in ("one", "two"))

    assert (counted(before) != counted(after)) is changes
    assert before.catalogue != after.catalogue
