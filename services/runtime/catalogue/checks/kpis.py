"""KPIs: formulas, the KPIs that they use, windows and alerts."""

from collections.abc import Iterator, Mapping, Sequence

from kpi.grains import DAY, MINUTE
from schemas.durations import milliseconds
from schemas.kpis import Kpi
from services.runtime.catalogue.checks.comparisons import check_comparisons
from services.runtime.catalogue.checks.examples import check_example
from services.runtime.catalogue.checks.formulas import check_formulas
from services.runtime.catalogue.checks.measures import check_measures
from services.runtime.catalogue.checks.members import check_members
from services.runtime.catalogue.checks.names import check_dimensions, check_labels
from services.runtime.catalogue.checks.serving import check_serving
from services.runtime.catalogue.checks.targets import check_kpi_targets, check_member
from services.runtime.catalogue.checks.units import check_units
from services.runtime.catalogue.checks.whole import check_whole
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.recorded import check_recorded
from services.runtime.catalogue.sources import Source


def check_kpi(document: Document, kpi: Kpi, known: Declarations, offered: Mapping[str, Source]) -> Iterator[Mistake]:
    """Mistakes in a KPI."""
    if kpi.recorded is not None:
        yield from check_recorded(document, kpi, known)
    else:
        yield from check_measures(document, kpi, known, offered)
        yield from _uses(document, kpi, known)
        yield from check_whole(document, kpi, known)
        yield from check_comparisons(document, kpi, known)
        yield from check_members(document, kpi)
        yield from check_formulas(document, kpi, known)
        yield from check_units(document, kpi, known)
    yield from _windows(document, kpi)
    yield from check_serving(document, kpi, known)
    yield from check_kpi_targets(document, kpi, _values(kpi, offered))
    yield from _favourable(document, kpi, _values(kpi, offered))
    yield from check_dimensions(document, ("dimensions",), kpi.dimensions)
    yield from check_example(document, kpi, known)
    for key, names in (("dimensions", kpi.dimensions), ("uses", kpi.uses), ("whole", kpi.whole), ("serve", kpi.serve)):
        yield from _repeated(document, (key,), names)
    if kpi.alert is not None:
        for number, label in enumerate(kpi.alert.labels):
            if label not in kpi.dimensions:
                yield document.unknown(("alert", "labels", number), "dimension", label, kpi.dimensions)
        yield from check_labels(document, ("alert", "labels"), kpi.alert.labels)
        window = kpi.alert.window
        if window is not None and window not in kpi.windows.names():
            yield document.unknown(("alert", "window"), "window", window, kpi.windows.names())
    yield from _repeated(document, ("counters",), kpi.counters)
    links: list[tuple[Place, str | None]] = [(("feeds",), kpi.feeds), (("drives",), kpi.drives)]
    links += [(("counters", number), name) for number, name in enumerate(kpi.counters)]
    for place, link in links:
        if link == kpi.kpi:
            yield document.mistake(place, f"{link!r} is the KPI itself")
        if link is not None and link not in known.links and link not in known.kpis and not known.excused("kpi", link):
            yield document.unknown(place, "KPI", link, {*known.links, *known.kpis})


def check_circles(known: Declarations) -> Iterator[Mistake]:
    """KPIs that use each other in a circle, once each, at the first of them."""
    uses = {name: one.model.uses for name, one in known.kpis.items() if one.model is not None}
    reported: set[frozenset[str]] = set()
    for start in sorted(uses):
        paths: list[tuple[str, ...]] = [(start,)]
        done: set[str] = set()
        while paths:
            path = paths.pop()
            for name in uses.get(path[-1], ()):
                if name == start and frozenset(path) not in reported:
                    reported.add(frozenset(path))
                    document = known.kpis[start].document
                    yield document.mistake(("uses",), f"uses goes in a circle: {' → '.join((*path, start))}")
                elif name not in done:
                    done.add(name)
                    paths.append((*path, name))


def _uses(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    for number, name in enumerate(kpi.uses):
        place: Place = ("uses", number)
        if name in kpi.measures:
            yield document.mistake(place, f"{name!r} is the name of a measure, too; rename the measure")
        used = known.kpis.get(name)
        if used is None:
            if not known.excused("kpi", name):
                yield document.unknown(place, "KPI", name, known.kpis)
        elif used.model is not None and name not in kpi.whole:
            for at, dimension in enumerate(kpi.dimensions):
                if dimension not in used.model.dimensions:
                    what = f"dimension of the KPI {name!r}:"
                    yield document.unknown(("dimensions", at), what, dimension, used.model.dimensions)


def _windows(document: Document, kpi: Kpi) -> Iterator[Mistake]:
    for kind in ("rolling", "tumbling"):
        for number, name in enumerate(getattr(kpi.windows, kind)):
            problem = _length_problem(name, kind)
            if problem:
                yield document.mistake(("windows", kind, number), f"{name!r} {problem}")
    names = kpi.windows.names()
    for repeated in sorted({name for name in names if names.count(name) > 1}):
        message = f"the window {repeated!r} stands here twice; a name is one window"
        yield document.mistake(("windows",), message, at_key=True)


def _length_problem(name: str, kind: str) -> str | None:
    try:
        length = milliseconds(name)
    except ValueError:
        return "is not a window: write a whole number and one of m, h, d, such as 5m, 1h or 24h"
    if length < MINUTE or length % MINUTE:
        return "is not a window: windows are whole minutes, such as 5m"
    if kind == "tumbling" and DAY % length:
        return "is not a tumbling window: it has to divide the day, such as 15m, 1h or 6h"
    return None


def _favourable(document: Document, kpi: Kpi, known: Mapping[str, Sequence[str]]) -> Iterator[Mistake]:
    """Mistakes in the direction that depends on a dimension. `known`: as for targets."""
    for name, directions in kpi.favourable.items():
        if name not in kpi.dimensions:
            yield document.unknown(("favourable", name), "dimension", name, kpi.dimensions, at_key=True)
        for value in directions if name in known else ():
            yield from check_member(document, ("favourable", name, value), name, value, known[name])


def _values(kpi: Kpi, offered: Mapping[str, Source]) -> dict[str, Sequence[str]]:
    """The values that a dimension can have, where all measures' sources say so."""
    sources = [offered.get(measure.from_) for measure in kpi.measures.values()]
    found: dict[str, Sequence[str]] = {}
    for dimension in kpi.dimensions:
        values = [source.scope.values.get(dimension) if source else None for source in sources]
        if values and all(values):
            found[dimension] = sorted({value for one in values if one for value in one})
    return found


def _repeated(document: Document, place: Place, names: Sequence[str]) -> Iterator[Mistake]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield document.mistake((*place, number), f"{name!r} stands here twice")
