"""The declarations that come with the service, by department."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

PACKS: Final = ("sales", "marketing", "service", "finance", "operations", "people")


def shipped_files() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every shipped file of declarations."""
    root = files("schemas") / "catalogue"
    for folder in ("streams", "calendars", "kpis", "objectives"):
        for file in sorted((root / folder).iterdir(), key=_name):
            if file.name.endswith(".yaml"):
                yield str(file), file.read_bytes()


def _name(file: Traversable) -> str:
    return file.name
