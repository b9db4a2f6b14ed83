"""Each kind of state in words, with all its options."""

from typing import Any

import pytest

from kpi.explaining.states import States
from schemas.entities import Entity
from schemas.states import State
from schemas.streams import Stream

STREAMS = {
    "shop.order": Stream.model_validate(
        {"stream": "shop.order", "title": "Orders", "fields": {"order_id": "string", "action": "string"}}
    ),
    "shop.visit": Stream.model_validate(
        {"stream": "shop.visit", "title": "Visits", "fields": {"order_id": "string", "action": "string"}}
    ),
}
OPENED, CLOSED, OTHER = "action = 'opened'", "action = 'closed'", "action = 'other'"

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "first": (
        {"first": OPENED},
        "“it” is set by the first event for which action is “opened”, for good.",
    ),
    "first after": (
        {"first": OPENED, "after": "begun"},
        "“it” is set by the first event for which action is “opened”, later than “begun”, for good.",
    ),
    "first unless": (
        {"first": OPENED, "unless": CLOSED, "within": "7d", "per": "order_id"},
        (
            "“it” is set by the first event for which action is “opened”, for good. One that is followed by an "
            "event for which action is “closed” of the same order id, at most 7 days later, does not count: the "
            "next one that stands does."
        ),
    ),
    "first for all": (
        {"first": CLOSED, "for_all": OPENED, "per": "order_id"},
        (
            "“it” is set by the first event for which action is “closed”, for good. It waits until there is one for "
            "each order id with an event for which action is “opened”."
        ),
    ),
    "first by lane": (
        {"first": OPENED, "per": "order_id"},
        (
            "“it” is set by the first event for which action is “opened”, for good. Each order id has one of its "
            "own."
        ),
    ),
    "set": (
        {"set": OPENED, "clear": CLOSED, "within": "90d"},
        (
            "“it” is set by the first event for which action is “opened”. An event for which action is “closed”, "
            "at most 90 days later, takes it back as if it had never been, and it may be set again. One that "
            "comes later takes nothing back: it counts by itself, at its own date."
        ),
    ),
    "last after": (
        {"last": OPENED, "after": "begun", "within": "1d"},
        "“it” is set by the last event for which action is “opened”, from “begun” on until 1 day later.",
    ),
    "last by": (
        {"last": OPENED, "by": "promise"},
        "“it” is set by the last event for which action is “opened”, until the deadline “promise”.",
    ),
    "held": (
        {"enter": "true", "leave": CLOSED},
        "“it” is held from any event until an event for which action is “closed”.",
    ),
    "held with everything": (
        {
            "enter": OPENED, "leave": CLOSED, "renew": OTHER, "within": "7d", "drop": "action = 'merged'",
            "counting": {"replies": "action = 'replied'"}, "followed": "action = 'asked'",
        },
        (
            "“it” is held from an event for which action is “opened” until an event for which action is “closed”."
            " An event for which action is “other” ends it and begins it anew with its own values. If it begins "
            "again at most 7 days after its end, the same case goes on. An event for which action is “merged”, "
            "while it is held or at most 7 days after its end, gives it up without a result. “replies” is how "
            "often there is an event for which action is “replied”, from its beginning to its end. It is followed"
            " if there is an event for which action is “asked”, at most 7 days later."
        ),
    ),
    "latest": (
        {"latest": OPENED, "lasting": "30d"},
        (
            "“it” is as the latest event for which action is “opened” says, until the next one comes, for at most"
            " 30 days."
        ),
    ),
    "pair of two streams": (
        {"opens": {"shop.visit": "true"}, "closes": {"shop.order": OPENED}, "within": "1d"},
        (
            "“it” is a pair: an event of “Visits” opens it, and the first event of “Orders” for which action is "
            "“opened”, at most 1 day later, closes it. What else opens or closes within 1 day belongs to the same"
            " pair."
        ),
    ),
    "pairs that overlap": (
        {"opens": OPENED, "closes": CLOSED, "within": "1h", "every": True,
         "unless": OTHER, "unclosed": "action = 'no'"},
        (
            "“it” is a pair: an event for which action is “opened” opens it, and the first event for which action"
            " is “closed”, at most 1 hour later, closes it. Each event that opens has a pair of its own. One that"
            " closes closes all that are open, and belongs to the last of them. An event for which action is "
            "“other”, at most 1 hour later, takes an opening back. An event for which action is “no”, at most 1 "
            "hour later, takes a closing back."
        ),
    ),
    "stages": (
        {"stages": {"new": OPENED, "offer": OTHER},
         "won": "action = 'won'", "lost": "action = 'lost'", "within": "90d"},
        (
            "“it” is a course of stages: “new”, entered by an event for which action is “opened”; “offer”, "
            "entered by an event for which action is “other”. An event for which action is “won” ends it forward,"
            " and an event for which action is “lost” backward. A stage is left forward for a later one or that "
            "end, and backward for an earlier one or the other end. A stage that is entered again at most 90 days"
            " after it was left was not left."
        ),
    ),
    "while": (
        {"while": OPENED, "per": "order_id"},
        (
            "“it” is held from an event for which action is “opened” until the next event that says otherwise; "
            "each order id by itself. Where it is held in several of them at once, it counts once."
        ),
    ),
}  # fmt: skip
SAID_ELSEWHERE = {"each", "carrying"}
"""Options of a state that are told with what is contributed, and in which dimensions."""


def told(state: dict[str, Any]) -> str:
    entity = Entity.model_validate(
        {
            "entity": "order",
            "of": {"shop.order": "order_id", "shop.visit": "order_id"},
            "forget_after": "90d",
            "states": {"it": state, "begun": {"first": "action = 'begun'"}},
            "deadlines": {"promise": {"after": "begun", "day": "due"}},
            "contributions": {"one": {"at": "begun_time"}},
        }
    )
    return States(entity, STREAMS).told("it")


@pytest.mark.parametrize(("state", "words"), CASES.values(), ids=CASES.keys())
def test_a_kind_in_words(state: dict[str, Any], words: str) -> None:
    assert told(state) == words


def test_no_option_of_a_state_is_left_without_words() -> None:
    declared = {field.alias or name for name, field in State.model_fields.items()}

    assert declared == {key for state, _ in CASES.values() for key in state} | SAID_ELSEWHERE
