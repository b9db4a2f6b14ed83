"""Messages that are sent beside the load."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.chaos.arena import Arena
from tests.chaos.load import Message
from tests.chaos.sending import Feed


@contextmanager
def sent_beside(arena: Arena, messages: Sequence[Message], over: float) -> Iterator[None]:
    """Sends them evenly over so many seconds while the block runs; in the end all of them are sent and counted."""
    feed = Feed(arena.kafka, messages, over)
    feed.start()
    try:
        yield
    finally:
        feed.finish()
    arena.count(messages)
