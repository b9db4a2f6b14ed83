"""How the cases write their catalogues."""

from collections.abc import Callable

from schemas.times import parse_time, text_of
from tests.pipeline import Pipeline

Made = Callable[[str], Pipeline]
"""Makes the pipeline of a catalogue's text."""


def kpi(
    name: str, measures: str, formula: str, *, windows: str = "{calendar: [day]}", more: str = "", unit: str = "things"
) -> str:
    """The document of a KPI, of which the cases ask nothing but its numbers; `more`: further lines of it."""
    return f"""
---
kpi: {name}
title: {name}
sentence: {name}.
department: sales
unit: {unit}
direction: up
kind: lagging
owner: nobody
measures: {measures}
formula: {formula}
windows: {windows}
{more}
"""


def quiet(made: Pipeline, task: str, until: str, beyond: int = 60_000) -> None:
    """Nothing more comes to a task, so that its watermark is `until`. `beyond`: idle timeout and disorder, in ms."""
    made.idle(task, text_of(parse_time(until) + beyond))
