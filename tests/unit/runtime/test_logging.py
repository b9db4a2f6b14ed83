"""Logs are JSON off a terminal, quiet by default, and carry a trace only where somebody debugs."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from services.runtime.logging import configure_logging


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _logged(level: str) -> list[dict[str, str]]:
    stream = io.StringIO()
    configure_logging(level, stream)
    log = structlog.get_logger("ours")
    log.info("quiet")
    log.warning("loud", topic="sales.call.v1")
    try:
        raise RuntimeError("it broke")
    except RuntimeError:
        logging.getLogger("theirs").exception("failed on %s", "partition 3")
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_warnings_are_shown_with_their_fields() -> None:
    loud, failed = _logged("warning")
    assert (loud["event"], loud["level"], loud["logger"], loud["topic"]) == ("loud", "warning", "ours", "sales.call.v1")
    assert (failed["event"], failed["logger"]) == ("failed on partition 3", "theirs")


def test_a_trace_is_for_debugging() -> None:
    failed = _logged("warning")[-1]
    assert failed["error"] == "RuntimeError: it broke"
    assert "Traceback" not in json.dumps(failed)
    assert "Traceback" in json.dumps(_logged("debug")[-1])


def test_information_is_shown_when_asked_for() -> None:
    assert _logged("info")[0]["event"] == "quiet"
