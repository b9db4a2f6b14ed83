"""A worker that cannot go on says why, once, and ends."""

import asyncio

import structlog

from kpi.tasks.refusals import CannotContinue
from schemas.wire import UnknownEncoding
from services.runtime.topics import TopicMismatch

log = structlog.get_logger(__name__)

REFUSED = (CannotContinue, UnknownEncoding, TopicMismatch)
"""What no trying again can mend."""
SEEN_SECONDS = 2.0
"""How long the reason can still be asked for before the process ends."""


class Refusing:
    """Why this worker ends, if it does: `reason`, a sentence for a person."""

    def __init__(self) -> None:
        self.reason: str | None = None

    def refuse(self, error: Exception) -> None:
        """Says what is wrong, and ends the worker with status 1 after its last flushes."""
        if self.reason is not None:
            return
        self.reason = str(error)
        log.error("cannot continue", reason=self.reason)
        asyncio.get_running_loop().call_later(SEEN_SECONDS, _end)


def _end() -> None:
    # Out of the loop's own call, so that the process leaves it, and its services still stop in order.
    raise SystemExit(1)
