"""Errors that nobody waits for any more."""

import asyncio
from typing import Any

import structlog
from aiokafka.errors import KafkaError

log = structlog.get_logger(__name__)


def hear(loop: asyncio.AbstractEventLoop) -> None:
    """Says at level debug what the client leaves behind: the error that ended a transaction, once for each batch of it.

    Whoever wrote has heard of it by then. Everything else goes where it went before.
    """
    before = loop.get_exception_handler()

    def handler(where: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, KafkaError) and isinstance(context.get("future"), asyncio.Future):
            log.debug("nobody waited for a write that failed", error=repr(error))
        elif before is not None:
            before(where, context)
        else:
            where.default_exception_handler(context)

    loop.set_exception_handler(handler)
