"""The token of an accepted request: up to where its events stand in which topic partitions."""

import base64
import binascii
from collections.abc import Mapping

import orjson

MOST_PARTITIONS = 256
"""A token for more partitions than these would be too long for a header."""


def encode_receipt(offsets: Mapping[tuple[str, int], int]) -> str | None:
    """The token for the last written offset by (topic, partition); None where there are none or too many."""
    if not 0 < len(offsets) <= MOST_PARTITIONS:
        return None
    topics: dict[str, dict[str, int]] = {}
    for (topic, partition), offset in sorted(offsets.items()):
        topics.setdefault(topic, {})[str(partition)] = offset
    return base64.urlsafe_b64encode(orjson.dumps(topics)).decode().rstrip("=")


def decode_receipt(token: str) -> dict[tuple[str, int], int]:
    """What `encode_receipt` was given. ValueError where the token is none of its making."""
    try:
        topics = orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        return {
            (topic, int(number)): int(offset) for topic, parts in topics.items() for number, offset in parts.items()
        }
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise ValueError("not a token of an accepted request") from error
