"""One declaration as it was written, which knows the line of everything it says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import yaml

from services.runtime.catalogue.mistakes import Mistake, listed, nearest

Kind = Literal["stream", "entity", "target", "calendar", "kpi", "reporting", "lookup", "objective"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Place = tuple[str | int, ...]
"""The way into a document: keys of mappings and places in lists."""

_FEW = 20


def value_at(data: Any, place: Sequence[str | int]) -> Any:
    """What stands at `place` of a document's value; None where nothing does."""
    for step in place:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


@dataclass(frozen=True, slots=True)
class Document:
    """One declaration as it was written. `data` is its plain value, `name` what its first key names it.

    `above` is the number of lines of the file before the text that `node` was read from.
    """

    file: str
    kind: Kind
    name: str
    data: dict[str, Any] = field(repr=False)
    node: yaml.MappingNode = field(repr=False)
    above: int = field(repr=False)

    def line(self, place: Place = (), *, at_key: bool = False) -> int:
        """The line of what stands at `place`, or of its key, or of the nearest thing around it that is there."""
        node: yaml.Node = self.node
        line = line_of(node)
        for step in place:
            key, child = _step(node, step)
            if child is None:
                break
            node = child
            line = line_of(node if key is None or (isinstance(node, yaml.ScalarNode) and not at_key) else key)
        return self.above + line

    def in_braces(self, place: Place) -> bool:
        """Whether what stands at `place` is an entry of a mapping that is written with braces."""
        node: yaml.Node | None = self.node
        for step in place[:-1]:
            node = None if node is None else _step(node, step)[1]
        return isinstance(node, yaml.MappingNode) and bool(node.flow_style)

    def names(self, place: Place) -> tuple[str, ...]:
        """The keys of the mapping at `place`, those of broken entries too."""
        value = value_at(self.data, place)
        return tuple(str(key) for key in value) if isinstance(value, dict) else ()

    def mistake(self, place: Place, message: str, suggestion: str | None = None, *, at_key: bool = False) -> Mistake:
        """A mistake in what stands at `place`, or in its key."""
        return Mistake(self.file, self.line(place, at_key=at_key), message, suggestion)

    def unknown(self, place: Place, what: str, name: str, known: Collection[str], *, at_key: bool = False) -> Mistake:
        """The mistake of naming something that is not among `known`."""
        hint = nearest(name, known)
        others = f"; known are {listed(known, 'and')}" if not hint and 0 < len(known) <= _FEW else ""
        return self.mistake(place, f"unknown {what} {name!r}{others}", hint, at_key=at_key)


def line_of(node: yaml.Node) -> int:
    """The line of a node in the text that it was read from, counted from 1."""
    return int(node.start_mark.line) + 1


def _step(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """(key, value) of one step down; the key is None in lists, both where there is nothing."""
    if isinstance(node, yaml.MappingNode):
        # Of a key that comes twice the last counts, as it does for the value.
        found = [pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode) and pair[0].value == str(step)]
        return found[-1] if found else (None, None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None, None
