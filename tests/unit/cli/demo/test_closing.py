"""The demo's books: everything that was sent is counted, and every offset is accounted for."""

from typing import Any

from schemas.answers import Status
from services.cli.demo.scenario import unaccounted
from tests.unit.cli.test_books import status


def closed(**changes: Any) -> Status:
    return status(end=1000, lag_records=0, **changes)


def test_balanced_books_leave_nothing() -> None:
    assert unaccounted(closed(), {"sales.call": 940}) == []


def test_what_was_sent_and_is_not_counted_is_named() -> None:
    assert unaccounted(closed(), {"sales.call": 941}) == ["sales.call: 941 sent, 940 counted"]


def test_records_that_were_not_read_are_named() -> None:
    assert unaccounted(status(), {}) == ["sales.call.v1/0: 1200 written, 1000 read, 1000 accounted for"]


def test_records_without_a_fate_are_named() -> None:
    fates = closed().tasks[0].topics[0].fates | {"late": 19}
    assert unaccounted(closed(fates=fates), {}) == ["sales.call.v1/0: 1000 written, 1000 read, 999 accounted for"]
