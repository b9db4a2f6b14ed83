"""Mistakes in calendars, and in the deadlines and durations that go by them."""

from pathlib import Path

import pytest

from kpi.definition import definition_version
from kpi.planning import plan
from services.runtime.catalogue import load
from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone

CALENDAR = """\
calendar: office
title: When somebody is there
zone: Europe/Berlin
hours:
  mon: [09:00-12:00, 13:00-17:00]
  thu: [09:00-24:00]
  fri: [00:00-02:00]
holidays: [2026-12-24, 2026-12-25]
valid_from: 2020-01-01
---
calendar: office
zone: Europe/Berlin
hours: {tue: [10:00-16:00]}
valid_from: 2027-01-01
---
"""
BY_CALENDAR = CALENDAR + WHOLE.replace(
    "pay_by: {after: placed, target: payment_target}\n",
    """pay_by: {after: placed, target: payment_target, calendar: office}
  due_by: {after: gone, day: due}
durations:
  worked: {from: placed_time, to: late_time, calendar: office}
  awake: {from: placed_time, to: paid_time, less: [open, held]}
  over: {from: pay_by, to: late_time}
  stay: {from: held_started, to: held_ended, calendar: office, less: [open]}
""",
).replace(
    "  open:\n    enter: action = 'placed'\n",
    """  gone: {first: action = 'cancelled', carrying: [due]}
  held: {enter: gift, leave: not gift}
  open:
    enter: action = 'placed'
""",
).replace(
    "contributions:\n",
    """contributions:
  working: {at: late_time, value: worked + over, dimensions: {awake: awake}}
  staying: {each: held, at: held_ended, value: stay}
""",
    1,
)
CASES = {
    "unknown zone": Case(
        "zone: Europe/Berlin\nhours:\n",
        "zone: Europe/Berln\nhours:\n",
        "unknown time zone 'Europe/Berln'",
        "Europe/Berlin",
    ),
    "zone is missing": Case(
        "zone: Europe/Berlin\nhours:\n",
        "hours:\n",
        "'zone' is missing",
        at="calendar: office",
    ),
    "hours that are none": Case(
        "[09:00-12:00,",
        "[9-12,",
        "mon: '9-12' is no part of a day: write it as 09:00-17:30",
    ),
    "hours that no day has": Case(
        "[09:00-24:00]",
        "[09:00-24:30]",
        "thu: '09:00-24:30' does not end later that day: let it end at 24:00, and go on with the day after",
    ),
    "over midnight": Case(
        "[10:00-16:00]",
        "[22:00-06:00]",
        "tue: '22:00-06:00' does not end later that day: let it end at 24:00, and go on with the day after",
    ),
    "hours that overlap": Case(
        "13:00-17:00]",
        "11:30-17:00]",
        "mon: two of its hours overlap; write them as one",
    ),
    "unknown day": Case(
        "  thu: ",
        "  thurs: ",
        "unknown key 'thurs'",
        "thu",
    ),
    "hours that are no list": Case(
        "thu: [09:00-24:00]",
        "thu: 09:00-24:00",
        "thu: '09:00-24:00' is not a list; write it as [a, b]",
    ),
    "never open": Case(
        "hours: {tue: [10:00-16:00]}",
        "hours: {}",
        "hours: it never opens; give some, such as {mon: [09:00-17:00]}",
    ),
    "no such day": Case(
        "[2026-12-24,",
        "[2026-12-32,",
        "holidays: '2026-12-32' is no date: write it as 2026-02-01",
    ),
    "a country": Case(
        "holidays: [2026-12-24, 2026-12-25]",
        "holidays: DE",
        "holidays: 'DE' is not a list; write it as [a, b]",
    ),
    "a holiday twice": Case(
        "[2026-12-24,",
        "[2026-12-25,",
        "2026-12-25 stands here twice",
    ),
    "a holiday before it counts": Case(
        "[2026-12-24,",
        "[2019-12-24,",
        "2019-12-24 lies before 2020-01-01, from when on this counts: leave it out",
    ),
    "from no day on": Case(
        "valid_from: 2027-01-01",
        "valid_from: soon",
        "valid_from: 'soon' is no date: write it as 2026-02-01",
    ),
    "declared twice": Case(
        "valid_from: 2027-01-01",
        "valid_from: 2020-01-01",
        "calendar 'office' is declared twice for the same valid_from, first in ",
        at="calendar: office\nzone: Europe/Berlin\nhours: {tue",
    ),
    "unknown calendar of a deadline": Case(
        "target: payment_target, calendar: office}",
        "target: payment_target, calendar: offce}",
        "unknown calendar 'offce'",
        "office",
    ),
    "unknown calendar of a duration": Case(
        "to: late_time, calendar: office}",
        "to: late_time, calendar: offce}",
        "unknown calendar 'offce'",
        "office",
    ),
    "a day by a calendar": Case(
        "{after: gone, day: due}",
        "{after: gone, day: due, calendar: office}",
        "due_by: calendar goes with target: a day ends at midnight",
    ),
    "forgotten before the deadline": Case(
        "{value: 86400,",
        "{value: 864000,",
        "forget_after is shorter than the longest value of the target 'payment_target' can take by the calendar "
        "'office': make it 6883h or longer",
        at="forget_after",
    ),
    "named as a state's time": Case(
        "  worked: {from",
        "  late_time: {from: placed_time, to: late_time}\n  worked: {from",
        "the state 'late' offers 'late_time' already; rename the duration",
        at="  late_time: {from: placed_time, to: late_time}",
    ),
    "named as a deadline": Case(
        "  worked: {from",
        "  pay_by: {from: placed_time, to: late_time}\n  worked: {from",
        "a deadline is called 'pay_by' already; rename the duration",
        at="  pay_by: {from: placed_time, to: late_time}",
    ),
    "from no moment": Case(
        "{from: placed_time, to: late_time, cal",
        "{from: placed, to: late_time, cal",
        "unknown moment of order 'placed'",
        "placed_time",
    ),
    "to a carried field": Case(
        "{from: placed_time, to: late_time, cal",
        "{from: placed_time, to: paid_store, cal",
        "unknown moment of order 'paid_store'",
        "paid_time",
    ),
    "two states": Case(
        "to: held_ended, cal",
        "to: late_time, cal",
        "'held_started' and 'late_time' are not read together: take two moments of one state, "
        "or of states of first, last and set and deadlines",
        at="stay: {from",
    ),
    "without an unknown state": Case(
        "less: [open, held]",
        "less: [open, hold]",
        "unknown state of order 'hold'",
        "held",
    ),
    "without a moment": Case(
        "less: [open, held]",
        "less: [open, paid]",
        "less is of states that are held (enter), and 'paid' is none; order has held or open",
    ),
    "a deadline without pauses": Case(
        "{from: pay_by, to: late_time}",
        "{from: pay_by, to: late_time, less: [open]}",
        "'pay_by' is a deadline, and less goes with moments of states; leave less out",
    ),
    "a duration read of another state": Case(
        "value: stay}",
        "value: worked}",
        "unknown field of each 'held': 'worked'; known are gone_due, gone_time, held_ended, held_started, held_times, "
        "placed_store, placed_time and stay",
    ),
    "a duration read of a level": Case(
        "staying: {each: held, at: held_ended, value: stay}",
        "staying: {level: held, value: stay}",
        "unknown field of the level 'held': 'stay'; known are held_time",
    ),
    "unknown duration": Case(
        "value: stay}",
        "value: sty}",
        "unknown field of each 'held': 'sty'",
        "stay",
    ),
}


def test_the_whole_example_has_no_mistake(found: Found) -> None:
    assert found(BY_CALENDAR) == ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, BY_CALENDAR)


def test_versions_are_in_the_order_of_their_days(tmp_path: Path) -> None:
    first, second, rest = BY_CALENDAR.split("---\n", 2)
    (tmp_path / "mine.yaml").write_text(f"{second}---\n{first}---\n{rest}")

    versions = load([tmp_path], default=False).calendars["office"]

    assert [str(version.valid_from) for version in versions] == ["2020-01-01", "2027-01-01"]


def test_a_shipped_calendar_comes_with_what_names_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)
    assert load([tmp_path], packs=[]).calendars == {}
    named = WHOLE.replace("target: payment_target}", "target: payment_target, calendar: support_hours}", 1)
    (tmp_path / "mine.yaml").write_text(named)

    assert load([tmp_path], packs=[]).calendars.keys() == {"support_hours"}


def made_by(folder: Path, text: str) -> tuple[set[str], dict[str, str]]:
    """The groups of the entity, and the definition versions of the KPIs."""
    (folder / "mine.yaml").write_text(text)
    catalogue = load([folder], default=False)
    groups = {group for group in plan(catalogue).groups if group.startswith("order.")}
    return groups, {name: definition_version(catalogue, name) for name in catalogue.kpis}


@pytest.mark.parametrize("change", [("2026-12-24, ", ""), ("13:00-17:00", "13:00-17:30"), ("2027-01-01", "2027-01-02")])
def test_a_changed_calendar_is_a_new_definition(tmp_path: Path, change: tuple[str, str]) -> None:
    groups, versions = made_by(tmp_path, BY_CALENDAR)
    assert change[0] in CALENDAR

    other_groups, other_versions = made_by(tmp_path, BY_CALENDAR.replace(*change))

    assert groups
    assert not groups & other_groups
    changed = {name for name, version in versions.items() if other_versions[name] != version}
    assert changed == {"revenue", "revenue_per_visit"}


def test_its_title_is_no_part_of_what_is_counted(tmp_path: Path) -> None:
    renamed = BY_CALENDAR.replace("When somebody is there", "Office hours")

    assert made_by(tmp_path, renamed)[0] == made_by(tmp_path, BY_CALENDAR)[0]


def test_what_names_no_calendar_has_the_definition_that_it_had(tmp_path: Path) -> None:
    """What came to the language later is not written where it is not used: a name is a digest of what is written."""
    (tmp_path / "mine.yaml").write_text(WHOLE)
    catalogue = load([tmp_path], default=False)

    said = catalogue.entities["order"].model_dump_json()

    assert "durations" not in said
    assert "calendar" not in said
    assert made_by(tmp_path, WHOLE) == made_by(tmp_path, CALENDAR + WHOLE)
