"""Tables as markdown."""

from collections.abc import Iterable

Row = tuple[str, ...]


def show(title: str, header: Row, rows: Iterable[Row]) -> None:
    """Prints a table under its title, each row as soon as it is there."""
    print(f"\n### {title}\n")
    print(f"| {' | '.join(header)} |")
    print(f"| --- | {' | '.join(['---:'] * (len(header) - 1))} |", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
