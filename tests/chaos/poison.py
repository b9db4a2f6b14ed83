"""Values that a reader of JSON records stumbles over. A few of them are good records in an odd form."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson

Fields = dict[str, Any]

HUGE = 2**64 - 1
_KINDS: Sequence[Callable[[Fields, bytes], bytes | None]] = (
    lambda _, __: None,
    lambda _, __: b"",
    lambda _, __: b"\n\n",
    lambda _, raw: raw[:-1],
    lambda _, raw: raw + raw,
    lambda _, raw: raw + b"\n" + raw,
    lambda _, raw: b"\xff\xfe" + raw,
    lambda _, raw: raw.replace(b'":"', b'":"\n', 1),
    lambda _, raw: raw.replace(b'":"', b'":"\x00', 1),
    lambda _, __: b"[" * 5_000,
    lambda _, raw: b"[" + raw + b"]",
    lambda _, __: b"null",
    lambda _, __: b"12",
    lambda _, __: b'"text"',
    lambda event, _: orjson.dumps({**event, "time": HUGE}),
    lambda event, _: orjson.dumps({**event, "time": None}),
    lambda event, _: orjson.dumps({**event, "time": [event["time"]]}),
    lambda _, raw: raw.replace(b'"time":', b'"time":1e', 1),
    lambda event, _: orjson.dumps({**event, "id": HUGE}),
    lambda event, _: orjson.dumps({**event, "id": {"id": event["id"]}}),
    lambda event, _: orjson.dumps({**event, _last(event): HUGE}),
    lambda event, _: orjson.dumps({**event, _last(event): True}),
    lambda event, _: orjson.dumps({**event, _last(event): [event[_last(event)]]}),
    lambda event, _: orjson.dumps(event, option=orjson.OPT_INDENT_2),
    lambda event, _: orjson.dumps({**event, "told beside": {"lines": "one\ntwo", "deep": [[[{}]]]}}),
)
"""The last two are no mistakes: an object may take several lines, and have fields that nobody declared."""


def _last(event: Fields) -> str:
    return next(reversed(event))


def poison(random: Random, value: bytes, number: int) -> bytes | None:
    """A value made of that of a good record. `number` is unlike that of every other such value."""
    event: Fields = {**orjson.loads(value), "id": f"poison {number}"}
    return random.choice(_KINDS)(event, orjson.dumps(event))
