"""Events written by hand take the declared types."""

import pytest

from schemas.streams import Stream
from services.cli.failures import CommandFailed
from services.cli.sending import events

STREAM = Stream.model_validate(
    {
        "stream": "shop.sale",
        "fields": {
            "order_id": "string",
            "pieces": "int32",
            "amount": {"type": "decimal", "scale": 2},
            "gift": "boolean?",
            "kind": {"enum": ["book", "game"]},
        },
    }
)


def one(*words: str) -> dict[str, object]:
    (event,) = events(words, STREAM)
    return dict(event)


def test_words_take_the_types_that_are_declared() -> None:
    event = one("order_id=17", "pieces=3", "amount=12.50", "gift=true", "kind=book")
    assert event == {
        "order_id": "17", "pieces": 3, "amount": 12.5, "gift": True, "kind": "book",
    }  # fmt: skip


def test_what_is_not_of_its_type_is_left_for_ingest_to_judge() -> None:
    event = one("pieces=three", "amount=nan", "gift=yes", "colour=1", "time=2026-11-22T14:00:00Z", "id=a=b")
    assert event == {
        "id": "a=b", "time": "2026-11-22T14:00:00Z", "pieces": "three", "amount": "nan", "gift": "yes", "colour": "1",
    }  # fmt: skip


def test_json_is_sent_as_it_is() -> None:
    assert events(['[{"id":"1","time":1,"pieces":3},', '{"id":"2","time":2}]'], STREAM) == [
        {"id": "1", "time": 1, "pieces": 3},
        {"id": "2", "time": 2},
    ]


@pytest.mark.parametrize("words", [["order_id"], ['{"id":'], ["[1]"]])
def test_words_that_say_no_event_are_refused(words: list[str]) -> None:
    with pytest.raises(CommandFailed):
        events(words, STREAM)
