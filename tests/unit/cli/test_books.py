"""The books of `kpi status`: sums, and what does not add up."""

from typing import Any

from rich.console import Console

from schemas.answers import Status
from schemas.progress import FATES
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
        "unknown_fields": 0,
        **changes,
    }
    task = {"task": "sales.call/0", "incarnation": "a", "flush": 3, "at": "2026-11-22T14:48:32.000Z", "entities": 0}
    view = {"recovered": True, "stale": False, "lag_records": 0, "staleness_seconds": 0.1, "trouble": None}
    return Status.model_validate(
        {"as_of": task["at"], "view": view, "tasks": [{**task, "topics": [topic]}], "missing_tasks": []}
    )


def shown(answer: Status) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(table(answer))
    return capture.get()


def test_every_fate_under_which_something_ended_has_a_column_and_a_sum() -> None:
    text = shown(status())
    assert "sales.call.v1/0" in text
    assert "200 (2.5s)" in text
    header, *_, footer = text.splitlines()
    assert header.split()[-5:] == ["consumed", "invalid", "duplicate", "late", "aggregated"]
    assert footer.split()[-5:] == ["1,000", "10", "30", "20", "940"]


def test_balanced_books_say_so() -> None:
    assert mistakes(status()) == []
    assert "add up" in next(iter(account(status())))


def test_a_record_without_a_fate_is_a_mistake_of_its_partition() -> None:
    wrong = mistakes(status(consumed=1001, position=1001))
    assert wrong == ["sales.call.v1 partition 0: position 1001, consumed 1001, under a fate 1000"]
    assert "add up" not in " ".join(map(str, account(status(consumed=1001, position=1001))))


def test_more_consumed_than_the_log_held_is_a_mistake() -> None:
    assert len(mistakes(status(position=999))) == 1
