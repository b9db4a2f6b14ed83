"""The measures of a KPI."""

from collections.abc import Iterator, Mapping
from typing import Final

from schemas.declarations import MONEY
from schemas.durations import as_text
from schemas.entities import Contribution
from schemas.kpis import Aggregate, Kpi, Measure
from schemas.parts import StreamPart
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import Wanted, mistakes_in
from services.runtime.catalogue.mistakes import Mistake, listed
from services.runtime.catalogue.sources import Source, excused

_LEVELS: Final = frozenset({Aggregate.level, Aggregate.integral, Aggregate.lost, Aggregate.least})
_KEYED: Final = frozenset({Aggregate.distinct, Aggregate.repeaters, Aggregate.overlap})
_COUNTS: Final = _KEYED | {Aggregate.count}
_UNVALUED: Final = _LEVELS | {Aggregate.count}
_FORGETTING: Final = frozenset({Aggregate.count, Aggregate.sum, Aggregate.mean, Aggregate.variance, Aggregate.quantile})
_KEEPING: Final = frozenset({Aggregate.min, Aggregate.max, Aggregate.first, Aggregate.last, Aggregate.latest})

_UP_TO_HERE: Final = {
    Aggregate.level: "follows from everything up to the window's end already",
    Aggregate.lost: "compares the two ends of a window, and ever has one alone",
    Aggregate.least: "follows from everything up to the window's end already",
    Aggregate.integral: "is weighted by the time of a window, which ever has none of",
    Aggregate.overlap: "compares a window with the one before it, which ever has not",
}


def check_measures(
    document: Document, kpi: Kpi, known: Declarations, offered: Mapping[str, Source]
) -> Iterator[Mistake]:
    """Mistakes in the measures, and in the dimensions against what the measures' sources offer."""
    for name, measure in kpi.measures.items():
        place: Place = ("measures", name)
        source = offered.get(measure.from_)
        if source is None:
            if not excused(measure.from_, known):
                what = "stream or contribution"
                yield document.unknown((*place, "from"), what, measure.from_, offered.keys())
            continue
        yield from _aggregate(document, place, measure, source)
        want: Wanted = "anything" if measure.aggregate in _KEYED else "a whole number"
        if measure.value is not None:
            yield from mistakes_in(document, (*place, "value"), measure.value, source.scope, want)
        if measure.key is not None:
            yield from mistakes_in(document, (*place, "key"), measure.key, source.scope, "anything")
        if measure.by is not None:
            yield from mistakes_in(document, (*place, "by"), measure.by, source.scope, "a whole number")
        if measure.where is not None:
            yield from mistakes_in(document, (*place, "where"), measure.where, source.scope, "true or false")
        if measure.currency is not None and source.contribution is None:
            yield from mistakes_in(document, (*place, "currency"), measure.currency, source.scope, "text")
        yield from _dimensions(document, kpi, name, measure, source)
        if kpi.reach < source.reach:
            reach = as_text(source.reach)
            message = f"{measure.from_} can still change for {reach} after its date, so its values stay open as long"
            yield document.mistake(("reach",), f"{message}: write reach: {reach}")
    yield from _money(document, kpi, known, offered)


def _aggregate(document: Document, place: Place, measure: Measure, source: Source) -> Iterator[Mistake]:
    at = (*place, "aggregate")
    aggregate = measure.aggregate
    lives = isinstance(source.contribution, Contribution)
    part = source.contribution
    level = part.level if isinstance(part, StreamPart) else part is not None and part.level is not None
    if aggregate in _LEVELS and not level:
        yield document.mistake(at, f"{source.name} is no level; a level is a contribution with `level:`")
    elif level and aggregate not in _LEVELS:
        message = f"{source.name} is a level, and takes no {aggregate.value}: take level, integral, lost or least"
        yield document.mistake(at, message)
    elif (lives or source.corrected) and aggregate in _KEEPING:
        why = "withdrawn" if lives else "corrected"
        instead = listed(one.value for one in _FORGETTING | _KEYED)
        message = f"{source.name} may be {why}, and a {aggregate.value} cannot forget; take {instead}"
        yield document.mistake(at, message)
    if measure.window == "ever" and aggregate in _UP_TO_HERE:
        message = f"{aggregate.value} {_UP_TO_HERE[aggregate]}; leave window: ever out"
        yield document.mistake((*place, "window"), message)
    if aggregate is Aggregate.least and source.contribution is not None and source.contribution.currency is not None:
        message = f"{source.name} is money, and a least amount can be told in one currency alone; take level"
        yield document.mistake(at, message)
    if aggregate in _UNVALUED and measure.value is not None:
        yield document.mistake((*place, "value"), f"{aggregate.value} takes no value")
    elif aggregate not in _UNVALUED and measure.value is None and source.contribution is None:
        yield document.mistake(place, f"{aggregate.value} of what? give a value, such as a field of {source.name}")
    if source.contribution is not None and measure.currency is not None:
        message = f"the currency of {source.name} stands with the contribution; leave it out here"
        yield document.mistake((*place, "currency"), message)
    elif aggregate in _COUNTS | _LEVELS and measure.currency is not None:
        yield document.mistake((*place, "currency"), f"{aggregate.value} is no money; leave the currency out")


def _dimensions(document: Document, kpi: Kpi, name: str, measure: Measure, source: Source) -> Iterator[Mistake]:
    if measure.whole and source.dimensions.issuperset(kpi.dimensions):
        message = f"{source.name} has all dimensions of {kpi.kpi}, so nothing has to be read whole; leave it out"
        yield document.mistake(("measures", name, "whole"), message)
    for number, dimension in enumerate(kpi.dimensions):
        if dimension not in source.dimensions and not measure.whole and "" not in source.scope.hidden:
            what = f"dimension of {measure.from_} (measure {name!r}):"
            yield document.unknown(("dimensions", number), what, dimension, source.dimensions)
        elif dimension == "currency" and has_currency(measure, source):
            message = "money is kept apart by currency already; leave the dimension out"
            yield document.mistake(("dimensions", number), message)


def has_currency(measure: Measure, source: Source) -> bool:
    """Whether what the measure reads is money."""
    stated = measure.currency if source.contribution is None else source.contribution.currency
    return stated is not None


def _money(document: Document, kpi: Kpi, known: Declarations, offered: Mapping[str, Source]) -> Iterator[Mistake]:
    whole = len(kpi.measures) == len(document.names(("measures",))) and list(kpi.uses) == document.data.get("uses", [])
    if kpi.unit != MONEY or not whole or any(measure.from_ not in offered for measure in kpi.measures.values()):
        return
    parts = [known.kpis.get(name) for name in kpi.uses]
    if any(part is None or part.model is None or part.model.unit == MONEY for part in parts):
        return
    amounts = {name: one for name, one in kpi.measures.items() if one.aggregate not in _COUNTS}
    if any(has_currency(measure, offered[measure.from_]) for measure in amounts.values()):
        return
    place: Place = ("measures", next(iter(amounts))) if amounts else ("unit",)
    message = "the unit is money, so a measure names the field with the currency, such as currency: currency"
    yield document.mistake(place, message)
