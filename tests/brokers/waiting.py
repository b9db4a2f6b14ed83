"""Waiting for conditions, and running coroutines from where no loop runs."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` on a loop of its own in a thread of its own, so that a test's loop is left alone."""
    future: Future[Result] = Future()

    def target() -> None:
        try:
            future.set_result(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - handed to the caller
            future.set_exception(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    return future.result()


def until(condition: Callable[[], bool], seconds: float, what: str, interval: float = 0.1) -> None:
    """Return when `condition` holds; raise `TimeoutError` naming `what` after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(interval)
