"""The tutorials: what their pages say is done, in order, in a folder of its own, and what they show is what is shown.

A block of `csv` or `yaml` with a file's name is written to that file. One of `console` is run line by line; what stands
under a command stands in its output, line by line and in order, spaces aside, with `…` for whatever differs each time.
`background` goes on until the page ends, and `fails` is refused.
"""

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.installations import ROOT, Up, environment, wait_ready

PAGES = ROOT / "docs" / "tutorials"
_BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE = 30.0
"""Seconds until what was sent is counted."""


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """(kind, what is said beside it, text) of every block of a page."""
    return [(found[1], found[2], found[3]) for found in _BLOCK.finditer(page.read_text())]


def commands(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """(words, lines under it) of every command of a block."""
    for part in text.split("$ ")[1:]:
        command, *shown = part.splitlines()
        yield shlex.split(command), [line for line in shown if line.strip()]


def missing(shown: list[str], output: str) -> str | None:
    """The first line that should stand in the output after those before it, and does not."""
    lines = iter(" ".join(line.split()) for line in output.splitlines())
    for line in shown:
        pattern = re.escape(" ".join(line.split())).replace("…", ".+")
        if not any(re.fullmatch(pattern, one) for one in lines):
            return line
    return None


class Reader:
    """Somebody who does what a page says, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {**environment(folder), "PYTHONPATH": str(ROOT)}
        self.running: list[Up] = []

    def do(self, kind: str, beside: str, text: str) -> None:
        """What one block says."""
        if kind != "console":
            file = self._folder / beside
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            return
        for words, shown in commands(text):
            assert words[0] == "kpi"
            if beside == "background":
                self._start(words[1:])
            else:
                self._run(words[1:], shown, fails=beside == "fails")

    def _start(self, words: list[str]) -> None:
        with (self._folder / "up.txt").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "services.cli.main", *words],
                cwd=self._folder, env=self._environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.running.append(Up(self._folder, process))
        wait_ready(self.running[-1], 90)

    def _run(self, words: list[str], shown: list[str], *, fails: bool) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            done = subprocess.run(
                [sys.executable, "-m", "services.cli.main", *words],
                cwd=self._folder, env=self._environment, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            absent = missing(shown, done.stdout)
            # What was sent counts a moment later; all else is as it is at once.
            if absent is None or words[0] != "get" or time.monotonic() > until:
                break
        assert absent is None, f"{' '.join(words)}: no line {absent!r} in\n{done.stdout}{done.stderr}"
        assert (done.returncode != 0) is fails, done.stderr


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_what_a_page_says_is_what_happens(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    try:
        for kind, beside, text in blocks(page):
            reader.do(kind, beside, text)
    finally:
        for each in reader.running:
            each.end()
    assert reader.running


def test_what_is_shown_is_looked_for_in_order() -> None:
    output = "a   1\nid 5 of it\nb 2\n"
    assert missing(["a 1", "b   2"], output) is None
    assert missing(["id … of it"], output) is None
    assert missing(["b 2", "a 1"], output) == "a 1"
    assert missing(["b"], output) == "b"
