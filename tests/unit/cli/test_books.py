"""The books of `kpi status`: sums, what does not add up, and how the work goes."""

from typing import Any

from rich.console import Console
from rich.table import Table

from schemas.answers import Status
from schemas.progress import FATES
from services.cli import work
from services.cli.books import account, mistakes, table


def status(**changes: object) -> Status:
    fates = dict.fromkeys(FATES, 0) | {"aggregated": 940, "duplicate": 30, "late": 20, "invalid": 10}
    topic: dict[str, Any] = {
        "topic": "sales.call.v1",
        "partition": 0,
        "position": 1000,
        "end": 1200,
        "lag_records": 200,
        "lag_seconds": 2.5,
        "watermark": "2026-11-22T14:48:31.120Z",
        "fates": fates,
        "consumed": 1000,
        "balanced": True,
        "unknown_fields": 0,
        **changes,
    }
    work = {"flush_seconds": 0.0124, "recovery_seconds": 2.3, "take_overs": 4, "fencings": 1}
    task: dict[str, Any] = {"task": "sales.call/0", "incarnation": "a", "flush": 3, "entities": 0, "work": work}
    task["at"] = "2026-11-22T14:48:32.000Z"
    view = {"recovered": True, "stale": False, "lag_records": 0, "staleness_seconds": 0.1, "trouble": None}
    answer = {"as_of": task["at"], "view": view, "balanced": topic["balanced"], "missing_tasks": []}
    return Status.model_validate({**answer, "tasks": [{**task, "topics": [topic]}]})


def shown(table: Table, width: int = 200) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_every_fate_under_which_something_ended_has_a_column_and_a_sum() -> None:
    text = shown(table(status()))
    assert "sales.call.v1/0" in text
    assert "200 (2.5s)" in text
    header, *_, footer = text.splitlines()
    assert header.split()[-5:] == ["consumed", "invalid", "duplicate", "late", "aggregated"]
    assert footer.split()[-5:] == ["1,000", "10", "30", "20", "940"]


def test_in_a_hundred_characters_everything_can_be_read() -> None:
    answer = status(topic="sales.deal.by.customer_id.v1", fates=dict.fromkeys(FATES, 1_234_567), consumed=7_407_402)
    rows = [line.split() for line in shown(table(answer), 100).splitlines()]
    cells = [cell for row in rows for cell in row]
    assert [cells.count(number) for number in ("1,234,567", "7,407,402")] == [2 * len(FATES), 2]
    names = "".join(row[0] for row in rows)
    assert "sales.deal.by.customer_id.v1/0" in names
    assert not [cell for cell in cells if "…" in cell]


def test_balanced_books_say_so() -> None:
    assert mistakes(status()) == []
    assert "add up" in next(iter(account(status())))


def test_what_does_not_balance_is_named_with_its_numbers() -> None:
    answer = status(consumed=1001, position=1001, balanced=False)
    assert mistakes(answer) == ["sales.call.v1 partition 0: position 1001, consumed 1001, under a fate 1000"]
    assert "add up" not in " ".join(map(str, account(answer)))


def test_marks_are_no_events_and_are_under_no_fate() -> None:
    answer = status(consumed=1020, position=1025, marks=20)
    row = shown(table(answer)).splitlines()[1]
    assert "1,000" in row
    assert "1,020" not in row
    wrong = status(consumed=1020, position=1019, marks=20, balanced=False)
    assert mistakes(wrong) == ["sales.call.v1 partition 0: position 1019, consumed 1020, under a fate 1020"]


def test_what_retention_took_away_is_said() -> None:
    lines = [str(line) for line in account(status(position=1200, lost=200))]
    assert lines[-1] == "sales.call.v1 partition 0: 200 offsets were gone before they were read: retain more."


def test_the_work_of_tasks_is_summed_over_their_unit_and_fits_a_hundred_characters() -> None:
    one = status().tasks[0]
    slow = one.work.model_copy(update={"flush_seconds": 0.5, "recovery_seconds": 0.0, "take_overs": 2, "fencings": 0})
    other = one.model_copy(update={"task": "sales.call/1", "work": slow})
    idle = one.model_copy(update={"task": "open_lead.and.a.name.of.some.length/0", "work": slow})
    header, *rows, footer = shown(
        work.table(status().model_copy(update={"tasks": (other, idle, one)})), 100
    ).splitlines()
    columns = ["tasks", "of", "tasks", "flushes", "slowest", "flush", "recovery", "take-overs", "fencings"]
    assert header.split() == columns
    assert [row.split() for row in rows] == [
        ["open_lead.and.a.name.of.some.length", "1", "3", "500ms", "-", "2", "0"],
        ["sales.call", "2", "6", "500ms", "2.3s", "6", "1"],
    ]
    assert footer.split() == ["all", "3", "9", "500ms", "2.3s", "8", "1"]


def test_what_a_changed_catalogue_left_behind_is_said() -> None:
    coverage = [
        {"kpi": "stayed", "since": "2026-03-02T03:03:00.001Z", "rebuild": False},
        {"kpi": "sales", "since": None, "rebuild": True},
        {"kpi": "refunds", "since": None, "rebuild": True},
    ]
    others = {"aaaa": [f"sales.call/{number}" for number in range(5)]}
    stated = status().model_dump() | {"coverage": coverage, "catalogue": "bbbb", "other_catalogues": others}
    said = "\n".join(map(str, account(Status.model_validate(stated))))
    assert "stayed is counted from 2026-03-02T03:03:00.001Z on; windows from before have no value." in said
    assert "run `kpi rebuild sales refunds`." in said
    assert "sales.call/0, sales.call/1, sales.call/2 and 2 more: counted by another catalogue (aaaa)" in said
