"""`kpi explain`: what a KPI is, in words."""

import textwrap

from rich.console import Console

from kpi.explaining.examples import Table
from kpi.explaining.explanation import Explanation

_WIDEST = 100


def show(explanation: Explanation, console: Console) -> None:
    """Prints it, wrapped where it is read on a terminal; elsewhere a sentence is a line."""
    width = min(console.width, _WIDEST) if console.is_terminal else 0
    console.print(f"{explanation.title} ({explanation.kpi})", style="bold")
    _paragraph(console, explanation.sentence, "", width)
    for section in explanation.sections:
        console.print()
        console.print(section.title, style="bold")
        for sentence in section.sentences:
            _paragraph(console, sentence, "- ", width)
        for table in section.tables:
            console.print()
            for line in _lines(table):
                console.print(f"    {line}")
        if section.tables:
            console.print()
        for sentence in section.closing:
            _paragraph(console, sentence, "- ", width)


def _paragraph(console: Console, text: str, mark: str, width: int) -> None:
    lines = textwrap.wrap(text, width - 2 - len(mark)) if width else [text]
    for number, line in enumerate(lines):
        console.print(f"  {mark if number == 0 else ' ' * len(mark)}{line}")


def _lines(table: Table) -> list[str]:
    rows = [table.columns, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.columns))]
    aligned = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [table.title, *(line.rstrip() for line in aligned)]
