"""For which windows a KPI has values, by what it can be split, and what is aimed at, in words."""

from collections.abc import Iterator

from kpi.explaining.words import amount, listed, number, plain, quoted, sentence, span
from kpi.serving import EVERY, servings
from kpi.targets import direction_of
from schemas.declarations import MONEY
from schemas.durations import milliseconds
from schemas.entities import TargetValue
from schemas.kpis import Catalogue, Kpi

_CALENDAR = {"day": "days", "week": "weeks from Monday", "month": "months", "quarter": "quarters", "year": "years"}
_DIRECTIONS = {"up": "more is better", "down": "less is better", "none": "neither more nor less is better"}
_KINDS = {
    "leading": "It is a leading KPI: it can be acted upon, and shows early what will come of it.",
    "lagging": "It is a lagging KPI: it shows what came of it.",
}
_UNITS = {
    "ratio": "a ratio, shown in percent",
    "share": "a share, shown in percent",
    "seconds": "time, in seconds",
    MONEY: "money, in its own currency",
    "points": "points",
}


def standing(catalogue: Catalogue, kpi: Kpi) -> Iterator[str]:
    """Whose it is, its unit and direction, and what it leads to."""
    yield sentence(
        f"it is a KPI of {kpi.department}, and its owner is the {kpi.owner}" if kpi.owner else "nobody owns it"
    )
    unit = _UNITS.get(kpi.unit, f"a number of {plain(kpi.unit)}")
    yield sentence(f"it is {unit}; {_direction(kpi)}")
    if kpi.unit == MONEY and catalogue.reporting.rates is not None:
        currency = catalogue.reporting.currency or "the currency of the service"
        yield f"Other currencies are told in {currency}, by the rate of the UTC day of each contribution."
    yield _KINDS[kpi.kind]
    if kpi.horizon is not None:
        yield sentence(f"its horizon is {kpi.horizon}")
    for objective in catalogue.objectives.values():
        if kpi.kpi in objective.kpis:
            yield sentence(f"it shows whether this is achieved: {quoted(objective.title)} ({objective.owner})")
    for name in kpi.counters:
        title = catalogue.kpis[name].title if name in catalogue.kpis else plain(name)
        yield sentence(f"look at {quoted(title)} beside it: that shows what it costs to improve this one")
    for link, words in ((kpi.feeds, "it feeds"), (kpi.drives, "it drives")):
        if link is not None:
            title = catalogue.kpis[link].title if link in catalogue.kpis else plain(link)
            yield sentence(f"{words} {quoted(title)}")


def served(catalogue: Catalogue, kpi: Kpi) -> Iterator[str]:
    """Its windows, and which of them are answered."""
    kinds = servings(kpi)
    rolling = [f"the last {span(milliseconds(name))}" for name in kpi.windows.rolling]
    steps = [f"{span(milliseconds(name))} from midnight on" for name in kpi.windows.tumbling]
    calendar = [_CALENDAR[name] for name in kpi.windows.calendar]
    if "now" in kinds:
        yield sentence(
            f"it says how things are now: {listed([*rolling, *steps, *calendar], 'or')} that hold this moment"
        )
    else:
        if rolling and "rolling" in kinds:
            yield sentence(f"at any minute: {listed(rolling)}")
        periods = [*calendar, *(f"periods of {each}" for each in steps)]
        asked = {"to_date": "while they run, so far", "complete": "when they are over"}
        which = [words for kind, words in asked.items() if kind in kinds]
        if periods and which:
            yield sentence(f"{listed(periods)}: {listed(which, 'and')}")
        if kinds != EVERY:
            left = [words for kind, words in asked.items() if kind not in kinds]
            if periods and left:
                yield sentence(f"there is no value of these {listed(left)}")
    if kpi.windows.calendar:
        yield sentence(
            f"days begin and end by the clocks of {listed(catalogue.reporting.zones)}, unless another zone is asked for"
        )
    if kpi.dimensions:
        split = listed(plain(name) for name in kpi.dimensions)
        yield sentence(f"it can be split by {split}")
        if kpi.measures:
            yield "An event belongs to what it said itself when it happened; what is known later moves nothing."


def aimed_at(kpi: Kpi) -> Iterator[str]:
    """Its targets, and when it says whether they are met."""
    if not kpi.targets:
        yield "Nobody has set a target."
    yield from goals(kpi)
    if kpi.targets and kpi.minimum_volume > 1:
        yield f"With fewer than {kpi.minimum_volume} entries in a window it says nothing about the target: too early."


def goals(kpi: Kpi) -> Iterator[str]:
    """Its targets alone, a sentence each."""
    for target in kpi.targets:
        yield sentence(_target(kpi, target))


def _direction(kpi: Kpi) -> str:
    if kpi.direction != "by type":
        return _DIRECTIONS[kpi.direction]
    said = [
        f"{_DIRECTIONS[direction]} where the {plain(name)} is {quoted(value)}"
        for name, directions in kpi.favourable.items()
        for value, direction in directions.items()
    ]
    return f"{listed(said)}; otherwise {_DIRECTIONS['none']}"


def _target(kpi: Kpi, target: TargetValue) -> str:
    if target.value is not None:
        direction = direction_of(kpi, target.where)
        least = {"up": "at least ", "down": "at most "}.get(direction, "")
        goal = f"{least}{amount(target.value, kpi.unit)}"
    elif target.min is None or target.max is None:
        bound = target.max if target.min is None else target.min
        goal = f"{'at most' if target.min is None else 'at least'} {amount(bound or 0, kpi.unit)}"
    else:
        goal = f"from {number(target.min)} to {amount(target.max, kpi.unit)}"
    window = f" in a {target.window}" if target.window else ""
    where = listed(f"the {plain(name)} is {quoted(value)}" for name, value in target.where.items())
    only = f" where {where}" if target.where else ""
    review = f", to be reviewed on {target.review}" if target.review else ""
    example = " (an example that is shipped: nobody has set it as a goal)" if target.example else ""
    return f"{goal}{window}{only}, from {target.from_} on{review}{example}"
