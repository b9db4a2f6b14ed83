"""YAML files read as documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml

from services.runtime.catalogue.documents import KINDS, Document, line_of
from services.runtime.catalogue.mistakes import Mistake, listed, nearest

_NAMED = re.compile(rf"^({'|'.join(KINDS)}):[ \t]*([^\s#]+)", re.MULTILINE)
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
        except yaml.reader.ReaderError as error:
            line = above + chunk.count("\n", 0, error.position) + 1
            mistakes.append(Mistake(file, line, f"not YAML: the character U+{ord(chunk[error.position]):04X}"))
            broken |= set(_NAMED.findall(chunk))
            continue
        if data is None:
            continue
        headed = _headed(file, above, node, data)
        if isinstance(headed, Document):
            documents.append(headed)
            mistakes += [
                Mistake(file, above + line, f"{key!r} stands here twice, first in line {above + first}")
                for key, first, line in repeated
            ]
        else:
            mistakes.append(headed)
            broken |= set(_NAMED.findall(chunk))
            if headed.suggestion is not None:
                broken.add((headed.suggestion, str(next(iter(data.values())))))
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
        return Mistake(file, above + (1 if node is None else line_of(node)), expected)
    kind = str(next(iter(data)))
    line = above + line_of(node)
    if kind not in KINDS:
        return Mistake(file, line, f"{expected}, not with {kind!r}", nearest(kind, KINDS))
    heads = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value in KINDS]
    if len(heads) > 1:
        message = f"{heads[1].value!r} begins a declaration of its own: put a line --- before it"
        return Mistake(file, above + line_of(heads[1]), message)
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
                yield name, seen[name], line_of(key)
            elif name is not None:
                seen[name] = line_of(key)
            yield from _repeated(value, done)
