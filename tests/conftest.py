"""What every test may use, and the account of what was not tested."""

import pytest

from tests.parts import MARK

pytest_plugins = ["tests.brokers.fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `make test` does not want each time."""
    parser.addoption(
        "--all-orders", action="store_true", help="tell the table's year to both brokers, in order and shuffled"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every part that was skipped for want of something, so that a green run does not hide it."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if MARK in reason:
            words = reason[reason.index(MARK) :]
            reasons[words] = reasons.get(words, 0) + 1
    if reasons:
        terminalreporter.section("PARTS NOT TESTED HERE", sep="!", red=True, bold=True)
        for words, count in sorted(reasons.items()):
            terminalreporter.write_line(f"{words} ({count} tests)", red=True)
