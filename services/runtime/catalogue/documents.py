"""YAML files as documents that know the line of everything they say."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal, get_args

import yaml

from services.runtime.catalogue.mistakes import Mistake, listed, nearest

Kind = Literal["stream", "entity", "target", "kpi", "reporting"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Place = tuple[str | int, ...]
"""The way into a document: keys of mappings and places in lists."""

_NAMED = re.compile(rf"^({'|'.join(KINDS)}):[ \t]*([^\s#]+)", re.MULTILINE)
_FEW = 20
_START = re.compile(r"^---(?=\s|$)", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """YAML with the scalars of its version 1.2: `on`, `no` and `12:30` stay text, and so do dates."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for _tag, _form, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_form})$"), _first)


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
        line = _line(node)
        for step in place:
            key, child = _step(node, step)
            if child is None:
                break
            node = child
            line = _line(node if key is None or (isinstance(node, yaml.ScalarNode) and not at_key) else key)
        return self.above + line

    def names(self, place: Place) -> tuple[str, ...]:
        """The keys of the mapping at `place`, those of broken entries too."""
        value: Any = self.data
        for step in place:
            value = value.get(step) if isinstance(value, dict) else None
        return tuple(str(key) for key in value) if isinstance(value, dict) else ()

    def mistake(self, place: Place, message: str, suggestion: str | None = None, *, at_key: bool = False) -> Mistake:
        """A mistake in what stands at `place`, or in its key."""
        return Mistake(self.file, self.line(place, at_key=at_key), message, suggestion)

    def unknown(self, place: Place, what: str, name: str, known: Collection[str], *, at_key: bool = False) -> Mistake:
        """The mistake of naming something that is not among `known`."""
        hint = nearest(name, known)
        others = f"; known are {listed(known, 'and')}" if not hint and 0 < len(known) <= _FEW else ""
        return self.mistake(place, f"unknown {what} {name!r}{others}", hint, at_key=at_key)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: whole documents, the mistakes, and (kind, name) of documents that cannot be read."""

    documents: tuple[Document, ...]
    mistakes: tuple[Mistake, ...]
    broken: frozenset[tuple[str, str]]


def read(file: str, raw: bytes) -> Reading:
    """Everything in a file's bytes. Each document is read by itself: a mistake in one does not hide the others."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Reading((), (Mistake(file, line, "not UTF-8 text"),), frozenset())
    documents: list[Document] = []
    mistakes: list[Mistake] = []
    broken: set[tuple[str, str]] = set()
    for above, chunk in _chunks(text):
        try:
            node, repeated, data = _parsed(chunk)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = above + (mark.line if mark else 0) + 1
            mistakes.append(Mistake(file, line, f"not YAML: {error.problem or error.context}"))
            broken |= set(_NAMED.findall(chunk))
            continue
        except yaml.YAMLError as error:
            mistakes.append(Mistake(file, above + 1, f"not YAML: {str(error).splitlines()[0]}"))
            broken |= set(_NAMED.findall(chunk))
            continue
        mistakes += [
            Mistake(file, above + line, f"{key!r} stands here twice, first in line {above + first}")
            for key, first, line in repeated
        ]
        if data is None:
            continue
        headed = _headed(file, above, node, data)
        if isinstance(headed, Document):
            documents.append(headed)
        else:
            mistakes.append(headed)
    return Reading(tuple(documents), tuple(mistakes), frozenset(broken))


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """The documents' texts, each with the number of lines above it. Only a marker can begin a line with `---`."""
    cuts = [0, *(match.start() for match in _START.finditer(text)), len(text)]
    for start, end in pairwise(cuts):
        yield text.count("\n", 0, start), text[start:end]


def _parsed(chunk: str) -> tuple[yaml.Node | None, list[tuple[str, int, int]], Any]:
    """(node, keys that come twice, plain value)."""
    loader = _Loader(chunk)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, [], None
        # Looked for first: construction resolves merge keys in place, after which an override looks repeated.
        repeated = list(_repeated(node, set()))
        return node, repeated, loader.construct_document(node)
    finally:
        loader.dispose()


def _headed(file: str, above: int, node: yaml.Node | None, data: Any) -> Document | Mistake:
    expected = f"a declaration begins with {listed(f'{kind}:' for kind in KINDS)}"
    if node is None or not isinstance(node, yaml.MappingNode) or not data:
        return Mistake(file, above + (1 if node is None else _line(node)), expected)
    kind = str(next(iter(data)))
    line = above + _line(node)
    if kind not in KINDS:
        return Mistake(file, line, f"{expected}, not with {kind!r}", nearest(kind, KINDS))
    name = data[kind]
    if not isinstance(name, str):
        return Mistake(file, line, f"{kind}: gives the name of what is declared, so it is text, not {name!r}")
    return Document(file, kind, name, data, node, above)


def _repeated(node: yaml.Node, done: set[int]) -> Iterator[tuple[str, int, int]]:
    """Keys that come twice in a mapping, of which YAML would silently take the last: (key, first line, line)."""
    if id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item, done)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is not None and name in seen:
                yield name, seen[name], _line(key)
            elif name is not None:
                seen[name] = _line(key)
            yield from _repeated(value, done)


def _line(node: yaml.Node) -> int:
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
