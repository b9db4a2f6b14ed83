"""Where records go, how much may be held, and what the token says."""

import orjson
import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from schemas.receipts import MOST_PARTITIONS, decode_receipt, encode_receipt
from schemas.streams import Stream
from services.ingest.budget import Budget, BufferFull, Held
from services.ingest.outgoing import by_partition, outgoing

KEYED = Stream.model_validate({"stream": "test.keyed", "key": "number", "fields": {"number": "int32?"}})
OFFSETS = st.dictionaries(
    st.tuples(st.sampled_from(["a.b.v1", "c.d.v1"]), st.integers(0, 1023)),
    st.integers(0, 2**63 - 1),
    min_size=1,
    max_size=20,
)


@given(st.text(min_size=1), st.integers(1, 64))
def test_keys_choose_partitions_as_kafkas_own_clients_do(key: str, partitions: int) -> None:
    stream = Stream.model_validate({"stream": "test.keyed", "key": "name", "fields": {"name": "string"}})
    record = outgoing(stream, {"id": "e", "source": "", "time": 0, "name": key})
    everything = list(range(partitions))
    assert record.key == key.encode()
    assert record.partition(partitions) == DefaultPartitioner()(record.key, everything, everything)


def test_a_key_that_is_no_text_is_its_json_and_a_missing_one_none() -> None:
    assert outgoing(KEYED, {"id": "e", "source": "", "time": 0, "number": 7}).key == b"7"
    assert outgoing(KEYED, {"id": "e", "source": "", "time": 0}).key is None


def test_without_a_key_a_correction_lies_where_its_event_does() -> None:
    event = {"id": "e1", "source": "crm", "time": 0}
    place = outgoing(KEYED, event).place
    assert outgoing(KEYED, {**event, "id": "e2", "corrects": "e1"}).place == place
    assert outgoing(KEYED, {**event, "id": "e3", "voids": "e1"}).place == place
    assert outgoing(KEYED, {**event, "source": "shop"}).place != place
    assert outgoing(KEYED, {**event, "id": "e2"}).place != place


def test_partitions_keep_the_order_given() -> None:
    records = [outgoing(KEYED, {"id": f"e{n}", "source": "", "time": n, "number": n % 5}) for n in range(100)]
    for partition, of_it in by_partition(records, 3).items():
        times = [orjson.loads(record.value)["time"] for record in of_it]
        assert times == sorted(times)
        assert all(record.partition(3) == partition for record in of_it)


@given(OFFSETS)
def test_a_token_says_what_it_was_given(offsets: dict[tuple[str, int], int]) -> None:
    token = encode_receipt(offsets)
    assert token is not None
    assert decode_receipt(token) == offsets


def test_a_token_is_bounded_and_a_wrong_one_refused() -> None:
    assert encode_receipt({}) is None
    assert encode_receipt({("a.b.v1", n): 0 for n in range(MOST_PARTITIONS + 1)}) is None
    for wrong in ("", "x", "é", "bnVsbA", "WzFd", "eyJhIjoxfQ"):
        with pytest.raises(ValueError, match="not a token"):
            decode_receipt(wrong)


def test_a_budget_is_never_overdrawn_and_given_back_whole() -> None:
    budget = Budget(10)
    with Held(budget) as held:
        held.take(6)
        with pytest.raises(BufferFull):
            held.take(5)
        held.take(4)
        assert budget.used == 10
    assert budget.used == 0
