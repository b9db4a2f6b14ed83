"""What a command writes: short aligned lines on standard output, errors on standard error."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from services.cli.failures import CommandFailed

LABEL_WIDTH = 10
WIDE = 240


def output() -> Console:
    """The console for what was asked for: never wraps a line, never colours a number by guess.

    Where it is no terminal, nothing is cut either. Brackets in a text are brackets: what senders of events write
    is never read as markup.
    """
    console = Console(highlight=False, soft_wrap=True, markup=False)
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, markup=False, width=WIDE)


class Report:
    """Aligned lines of a command that takes its time: what each part is, as soon as it is known."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def title(self, text: str) -> None:
        """A line of its own, in bold."""
        self._console.print(text, style="bold")

    def line(self, label: str, text: str) -> None:
        """`label` and what there is to say about it; an empty label continues the line before."""
        self._console.print(Text.assemble("  ", (f"{label:<{LABEL_WIDTH}}", "cyan"), f" {text}"))

    def notice(self, text: str) -> None:
        """Something that people should see."""
        self._console.print(f"  {text}", style="yellow")


def show_failure(error: CommandFailed) -> None:
    """`error: …` for every line of the failure; an indented line belongs to the one before and is shown as it is."""
    show_errors(str(error).splitlines())


def show_errors(lines: Iterable[str]) -> None:
    """Each line on standard error, after `error: ` unless it is indented."""
    for line in lines:
        sys.stderr.write(f"{line}\n" if line.startswith(" ") else f"error: {line}\n")
