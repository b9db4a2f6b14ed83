"""What a formula is made of, in words: measures by how they are taken, used KPIs, comparisons, numbers that are set."""

from collections.abc import Iterator
from typing import Final

from kpi.explaining.entries import things
from kpi.explaining.expressions import condition, is_always, value
from kpi.explaining.words import listed, number, plain, quoted
from kpi.sources import source_of
from schemas.kpis import Aggregate, Catalogue, Comparison, Kpi, Measure

_AGO: Final = {
    "previous": "in the window before",
    "week": "a week ago",
    "month": "a month ago",
    "year": "a year ago",
}
_WINDOWS: Final = {
    "this": "",
    "previous": ", in the window before",
    "ever": ", from the first record up to the window's end",
}
_OF_WINDOWS: Final = {
    "elapsed": "how many seconds of the window have passed",
    "ends_at": "the moment at which the window ends, or up to which it is known",
    "periods_a_year": "how many such windows a year has",
}
_TAKEN: Final = {
    Aggregate.count: "how many {of} there are",
    Aggregate.sum: "the sum of {what} over all {of}",
    Aggregate.mean: "the average of {what} over all {of}",
    Aggregate.variance: "how much {what} varies over all {of} (the variance)",
    Aggregate.min: "the smallest {what} of all {of}",
    Aggregate.max: "the largest {what} of all {of}",
    Aggregate.first: "{what} of the earliest of all {of}",
    Aggregate.last: "{what} of the latest of all {of}",
    Aggregate.quantile: "what {share} % of all {of} do not exceed in {what} (within 1 %)",
    Aggregate.distinct: "how many different {what} there are among all {of}",
    Aggregate.repeaters: "how many different {what} occur at least twice among all {of}",
    Aggregate.overlap: "how many different {what} occur among the {of} both of this window and of the one before",
    Aggregate.latest: "the sum of {what} over the latest of all {of} of each {key}",
    Aggregate.level: "how much all {of} add up to at the end of the window",
    Aggregate.lost: "how much all {of} added up to when the window began, of each {key} that has none at its end",
    Aggregate.integral: "how much all {of} add up to at every moment of the window, times how long, in milliseconds",
    Aggregate.least: "the least of what all {of} are at the end of the window",
}


def made_of(catalogue: Catalogue, kpi: Kpi) -> Iterator[tuple[str, str]]:
    """(name, what it is) of all that the KPI's formulas name, in the order of its declaration."""
    for name, measure in kpi.measures.items():
        yield name, measured(catalogue, measure)
    for name in kpi.uses:
        used = catalogue.kpis[name]
        whole = ", the same for every part" if name in kpi.whole else ""
        yield name, f"the KPI {quoted(used.title)}{whole}"
    for name, comparison in kpi.compare.items():
        yield name, _compared(catalogue, comparison)
    for name, set_to in kpi.parameters.items():
        yield name, "a number that is left open here" if set_to is None else f"{number(set_to)}, which is set here"
    for name, words in _OF_WINDOWS.items():
        if any(name in sql for sql in (kpi.formula, *kpi.also.values(), *kpi.flags.values())):
            yield name, words


def measured(catalogue: Catalogue, measure: Measure) -> str:
    """What the measure is, as a noun phrase."""
    source = source_of(catalogue, measure.from_)
    of = things(source, measure.from_)
    what = "what they are worth" if measure.value is None else quoted(value(measure.value))
    only = f" for which {condition(measure.where)}" if measure.where and not is_always(measure.where) else ""
    divided = f", divided by {10**measure.scale:,}" if measure.scale else ""
    share, key = number(100 * (measure.quantile or 0)), value(measure.key or "")
    taken = _TAKEN[measure.aggregate].format(of=f"{of}{only}", what=what, share=share, key=key)
    if measure.by is not None:
        taken += f", the latest being that with the greatest {quoted(value(measure.by))}"
    whole = ", the same for every part" if measure.whole else ""
    return f"{taken}{_WINDOWS[measure.window]}{divided}{whole}"


def _compared(catalogue: Catalogue, comparison: Comparison) -> str:
    if comparison.ago is None:
        when = listed((f"of {period} for a {window}" for window, period in comparison.period.items()), "or")
    else:
        when = _AGO[comparison.ago]
    return f"{quoted(catalogue.kpis[comparison.of].title)} {when}, nothing where that cannot be compared"


def called(name: str) -> str:
    """A name of the formula as it stands in the words for it."""
    return quoted(plain(name))
