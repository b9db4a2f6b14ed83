"""When the books of a topic partition balance, and what an earlier version's records open with."""

import orjson
import pytest

from kpi.books import unbalanced
from schemas.progress import FATES, TopicProgress
from schemas.wire import VERSION, Progress, decode, encode

NONE = dict.fromkeys(FATES, 0)


def topic(position: int, consumed: int, *, lost: int = 0, marks: int = 0, **fates: int) -> TopicProgress:
    return TopicProgress(position, position, fates=NONE | fates, consumed=consumed, lost=lost, marks=marks)


@pytest.mark.parametrize(
    ("standing", "records"),
    [
        (topic(0, 0), 0),
        (topic(10, 10, aggregated=7, late=2, invalid=1), 0),
        (topic(13, 10, aggregated=10), 0),  # Markers of transactions and what compaction took away have offsets.
        (topic(13, 10, aggregated=7, marks=3), 0),
        (topic(13, 10, aggregated=10, lost=3), 0),
        (topic(10, 10, aggregated=9), 1),
        (topic(10, 10, aggregated=12), 2),
        (topic(10, 10, aggregated=10, marks=1), 1),
        (topic(9, 10, aggregated=10), 1),
        (topic(12, 10, aggregated=10, lost=3), 1),
        (topic(12, 10, aggregated=9, lost=3), 2),
    ],
)
def test_every_record_read_has_a_fate_and_an_offset(standing: TopicProgress, records: int) -> None:
    assert unbalanced(standing) == records


def test_fates_of_an_earlier_version_are_the_opening_balance() -> None:
    standing = topic(40, 32, aggregated=20, late=5, marks=7)
    key, value = encode(Progress("sales.call/0", "a", 1, 0, {"sales.call.v1": standing}))
    assert value is not None
    body = orjson.loads(value[1:])
    assert body["topics"]["sales.call.v1"].pop("consumed") == 32
    read = decode(key, VERSION + orjson.dumps(body))
    assert isinstance(read, Progress)
    assert read.topics["sales.call.v1"] == standing


def test_a_count_that_was_never_kept_is_no_opening_balance() -> None:
    key, value = encode(Progress("sales.call/0", "a", 1, 0, {"sales.call.v1": topic(10, 0, aggregated=10)}))
    read = decode(key, value)
    assert isinstance(read, Progress)
    assert unbalanced(read.topics["sales.call.v1"]) == 10
