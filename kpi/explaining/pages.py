"""A catalogue as pages in Markdown: one a KPI, and an index by department."""

import re
from collections.abc import Iterator, Mapping

from kpi.definition import definition_version
from kpi.explaining.examples import Table
from kpi.explaining.explanation import Section, explain, streams_of, with_used
from kpi.explaining.windows import goals
from kpi.explaining.words import counted, plain, upper
from kpi.sources import source_of
from schemas.kpis import Catalogue, Kpi

INDEX = "index.md"
_MARKS = re.compile(r"([\\`*<>\[\]|]|(?<!\w)_|_(?!\w))")
_BETTER = {"up": "more is better", "down": "less is better", "none": "neither way", "by type": "by what it is of"}


def pages(catalogue: Catalogue) -> Mapping[str, str]:
    """The text of each page by its file name."""
    found = {INDEX: _index(catalogue)}
    return found | {file_of(name): _page(catalogue, kpi) for name, kpi in catalogue.kpis.items()}


def file_of(kpi: str) -> str:
    """The file name of a KPI's page."""
    return f"{kpi}.md"


def _index(catalogue: Catalogue) -> str:
    departments: dict[str, list[Kpi]] = {}
    for kpi in catalogue.kpis.values():
        departments.setdefault(kpi.department, []).append(kpi)
    lines = ["# KPIs", "", f"{counted(len(catalogue.kpis), 'KPI')} of {counted(len(departments), 'department')}."]
    for department, kpis in sorted(departments.items()):
        head = ("KPI", "What it says", "Unit", "Better", "Kind", "Owner")
        rows = [
            (f"[{_text(kpi.title)}]({file_of(kpi.kpi)})", *map(_text, _summary(kpi)))
            for kpi in sorted(kpis, key=lambda one: one.title)
        ]
        lines += ["", f"## {_text(upper(department))}", "", *_table(head, rows)]
    return "\n".join(lines) + "\n"


def _summary(kpi: Kpi) -> tuple[str, ...]:
    return kpi.sentence, kpi.unit, _BETTER[kpi.direction], kpi.kind, kpi.owner


def _page(catalogue: Catalogue, kpi: Kpi) -> str:
    explanation = explain(catalogue, kpi.kpi)
    lines = [f"# {_text(kpi.title)}", "", _text(explanation.sentence), ""]
    lines += _table(("", ""), [(f"**{name}**", text) for name, text in _facts(catalogue, kpi)])
    for section in explanation.sections:
        lines += ["", f"## {section.title}", "", *_section(section)]
    lines += ["", f"[All KPIs]({INDEX})"]
    return "\n".join(lines) + "\n"


def _facts(catalogue: Catalogue, kpi: Kpi) -> Iterator[tuple[str, str]]:
    sources = [
        source_of(catalogue, measure.from_) for one in with_used(catalogue, kpi) for measure in one.measures.values()
    ]
    streams = [f"`{stream.stream}`" for stream in streams_of(catalogue, sources)]
    used_by = [name for name, other in catalogue.kpis.items() if kpi.kpi in other.uses]
    led_to_by = [name for name, other in catalogue.kpis.items() if kpi.kpi in (other.feeds, other.drives)]
    yield "Id", f"`{kpi.kpi}`"
    yield "Formula", f"`{' '.join(kpi.formula.split())}`"
    yield "Unit", _text(kpi.unit)
    yield "Direction", _BETTER[kpi.direction]
    yield "Kind", kpi.kind
    yield "Department", _text(kpi.department)
    yield "Owner", _text(kpi.owner)
    yield "Target", "<br>".join(map(_text, goals(kpi))) or "none"
    yield "Streams", ", ".join(streams)
    for name, linked in (
        ("Feeds", [kpi.feeds] if kpi.feeds else []),
        ("Drives", [kpi.drives] if kpi.drives else []),
        ("Uses", list(kpi.uses)),
        ("Used by", used_by),
        ("Led to by", led_to_by),
    ):
        if linked:
            yield name, ", ".join(_link(catalogue, each) for each in linked)
    yield "Windows", ", ".join(kpi.windows.names())
    yield "Definition", f"`{definition_version(catalogue, kpi.kpi)}`"


def _link(catalogue: Catalogue, name: str) -> str:
    """A KPI that is not loaded has no page."""
    known = catalogue.kpis.get(name)
    return _text(plain(name)) if known is None else f"[{_text(known.title)}]({file_of(name)})"


def _section(section: Section) -> Iterator[str]:
    yield from (f"- {_text(sentence)}" for sentence in section.sentences)
    for table in section.tables:
        yield from ("", *_events(table))
    if section.closing:
        yield ""
    yield from (f"- {_text(sentence)}" for sentence in section.closing)


def _events(table: Table) -> Iterator[str]:
    yield f"{_text(table.title)}:"
    yield ""
    yield from _table(table.columns, [tuple(map(_text, row)) for row in table.rows])


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _text(text: str) -> str:
    """Text of a declaration, of which nothing is read as Markdown."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
