"""A catalogue for a table: its stream, and three KPIs."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.cli.init.guesses import Guess, Guessed

WINDOWS = "windows: {calendar: [day, week, month, year]}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The text of a catalogue's file, and what its KPIs are called."""

    stream: str
    text: str
    kpis: tuple[str, ...]


def proposed(table: Guessed, name: str) -> Proposal:
    """The proposal. `name`: what rows are called, in letters, digits and underscores."""
    kpis = [*_kpis(table, name)][:3]
    documents = [_stream(table, name), *(text for _, text in kpis)]
    head = (
        f"# Proposed by `kpi init` from the first {table.sample.rows:,} rows of {_plain(table.sample.file.name)}.\n"
        "# All of it is a guess: read it, and change what is wrong; `kpi check` says whether it holds together.\n\n"
    )
    return Proposal(f"own.{name}", head + "\n---\n".join(documents) + "\n", tuple(kpi for kpi, _ in kpis))


def name_of(stem: str) -> str:
    """A file's name as a name of a stream."""
    found = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:30]
    return found if found and found[0].isalpha() else f"table_{found}".rstrip("_")


def _stream(table: Guessed, name: str) -> str:
    lines = [f"stream: own.{name}", f"title: {name.replace('_', ' ').capitalize()}"]
    lines += [f"key: {table.key.field}  # has another value in every row"] if table.key else []
    lines += ["partitions: 1", "clock: replay  # the rows say what time it is; `live` for what happens now"]
    if table.disorder:
        lines.append(
            f"lateness: {2 * table.disorder}d  # rows lie up to {table.disorder} days behind others before them"
        )
    lines.append("fields:" if table.fields else "fields: {}")
    lines += [_field(table, one) for one in table.fields]
    if table.left_out:
        lines.append(f"  # and {table.left_out} columns more, which you can add")
    lines.append("table:")
    form = f", format: {_quoted(table.form)}" if table.form else ""
    columns = ", ".join(_quoted(one.column) for one in table.time)
    lines.append(f"  time: {{columns: [{columns}]{form}, zone: UTC}}  # the zone where times name none")
    if table.sample.delimiter != ",":
        lines.append(f"  delimiter: {_quoted(table.sample.delimiter)}")
    lines += ["  decimal_comma: true"] if table.decimal_comma else []
    lines += [f"  dates: {_quoted(table.dates)}"] if table.dates else []
    mapped = [one for one in table.fields if one.column != one.field]
    if mapped:
        lines.append("  columns:")
        lines += [f"    {one.field}: {_quoted(one.column)}" for one in mapped]
    return "\n".join(lines)


def _field(table: Guessed, one: Guess) -> str:
    kind = "string" if one.kind in {"time", "clock"} else one.kind
    if kind == "date" and one.form != table.dates:
        kind = "string"
    optional = one.empty or one is not table.key
    if kind == "decimal":
        declared = f"{{type: decimal, scale: {one.scale}{', optional: true' if optional else ''}}}"
    else:
        declared = f"{kind}{'?' if optional else ''}"
    said = ""
    if one is table.amount:
        said = "  # taken for the amount"
    elif one.values:
        said = f"  # {_plain(', '.join(one.values[:5]))}{', …' if len(one.values) > 5 else ''}"
    return f"  {one.field}: {declared}{said}"


def _kpis(table: Guessed, name: str) -> Iterator[tuple[str, str]]:
    """More than are wanted, the most telling first."""
    words, source = name.replace("_", " "), f"own.{name}"
    rows = f"{{rows: {{from: {source}, aggregate: count}}}}"
    said = f"{name}_number", f"Number of {words}", f"How many {words} there were.", "count"
    yield _kpi(table, said, rows, "rows")
    if table.amount is not None:
        amount, about = table.amount.field, table.amount.field.replace("_", " ")
        scale = f", scale: {table.amount.scale}" if table.amount.scale else ""
        said = f"{name}_{amount}", f"{about.capitalize()} of {words}", f"All {about} of {words} added up.", "units"
        yield _kpi(table, said, f"{{them: {{from: {source}, aggregate: sum, value: {amount}{scale}}}}}", "them")
        said = f"{name}_average_{amount}", f"Average {about} of {words}", f"What {about} is on average.", "units"
        yield _kpi(table, said, f"{{them: {{from: {source}, aggregate: mean, value: {amount}{scale}}}}}", "them")
    for one in [one for one in table.fields if one.kind == "string" and one is not table.key][:1]:
        about = one.field.replace("_", " ")
        said = f"{name}_different_{one.field}", f"Different {about}", f"How many different {about} there were.", "count"
        yield _kpi(table, said, f"{{them: {{from: {source}, aggregate: distinct, value: {one.field}}}}}", "them")
    for length, seconds in (("day", 86400), ("hour", 3600)):
        said = (
            f"{name}_a_{length}", f"{words.capitalize()} by the {length}",
            f"How many {words} there were in a {length}, on average.", f"rows/{length}",
        )  # fmt: skip
        yield _kpi(table, said, rows, f"rows * {seconds}.0 / nullif(elapsed, 0)")


def _kpi(table: Guessed, said: tuple[str, str, str, str], measures: str, formula: str) -> tuple[str, str]:
    """(name, text) of a KPI. `said`: its name, title, sentence and unit."""
    name, title, sentence, unit = said
    dimensions = ", ".join(one.field for one in table.categories[:3] if one in table.fields)
    lines = [
        f"kpi: {name}", f"title: {title}", f"sentence: {sentence}", "department: own", f"unit: {unit}",
        "direction: up  # or down, where less is better", "kind: lagging", "owner: nobody yet",
        f"measures: {measures}", f"formula: {formula}",
        *([f"dimensions: [{dimensions}]"] if dimensions else []), WINDOWS,
    ]  # fmt: skip
    return name, "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
