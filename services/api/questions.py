"""What a request asks, read from its query: names checked, times understood, windows found."""

import difflib
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpi.grains import DAY
from kpi.scope import Scope
from kpi.serving import is_complete_only, serves
from kpi.values import Question
from kpi.windows import Kind, UnknownWindow, Window, kind_of, length_of, previous, window_at
from schemas.kpis import Catalogue, Kpi
from schemas.times import EARLIEST, parse_date, parse_time
from services.runtime.problems import Fault, Problem

RESERVED = frozenset({"window", "at", "complete", "include_open", "time_zone", "by", "points", "kpi"})
"""Query parameters that are not dimensions."""

FIRST_MOMENT = parse_date("1000-01-01")
LAST_MOMENT = parse_date("9000-01-01") - 1
LONGEST_WINDOW = 3_660 * DAY
"""Milliseconds. Within these, windows and those before them have dates that can be written."""

MOST_LISTED = 30
"""Names; of more, a message lists none."""


@dataclass(frozen=True, slots=True)
class WindowRequest:
    """Which window is asked for, as text. `at`: RFC 3339 or epoch milliseconds; absent: now."""

    window: str | None = None
    at: str | None = None
    complete: bool = False
    include_open: bool = False
    time_zone: str | None = None


class Questions:
    """Turns requests into questions of the domain. Raises Problem for what is not known."""

    def __init__(self, catalogue: Catalogue, scope: Scope) -> None:
        self._catalogue, self._scope = catalogue, scope

    def kpi(self, name: str) -> Kpi:
        """The KPI of this name."""
        found = self._catalogue.kpis.get(name)
        if found is None:
            raise Problem(
                status=404,
                name="unknown-kpi",
                title="There is no such KPI",
                detail=f"No KPI is named {name!r}{_nearest(name, self._catalogue.kpis)}",
            )
        return found

    def dimensions(self, kpi: Kpi) -> list[str]:
        """By which dimensions the KPI can be broken down."""
        return self._scope.dimensions(kpi.kpi)

    def question(
        self, kpi: Kpi, request: WindowRequest, by: Iterable[str], where: Mapping[str, str], now: int
    ) -> Question:
        """A KPI for one window. `now`: epoch milliseconds."""
        known = self.dimensions(kpi)
        for name in (*by, *where):
            if name not in known:
                raise _unknown(name, f"{name!r} is neither a dimension of {kpi.kpi} nor a parameter", known)
        at = None if request.at is None else _moment(request.at)
        return Question(kpi, [self.window(kpi, request, now)], tuple(by), dict(where), at)

    def served(self, question: Question, now: int) -> bool:
        """Whether the KPI is served for the windows of the question."""
        at = now if question.at is None else question.at
        return all(serves(question.kpi, window, at, now) for window in question.windows)

    def window(self, kpi: Kpi, request: WindowRequest, now: int) -> Window:
        """The window asked for, by default the KPI's first: the one that runs, or the last complete one."""
        name = request.window or kpi.windows.names()[0]
        try:
            kind = kind_of(name, kpi.windows)
        except UnknownWindow as error:
            raise _unknown("window", str(error), kpi.windows.names(), name) from None
        if kind is not Kind.calendar and length_of(name) > LONGEST_WINDOW:
            raise invalid("window", f"{name!r} is longer than ten years")
        at = now if request.at is None else _moment(request.at)
        zone = self._zone(request.time_zone)
        return window_at(
            name,
            kind,
            at,
            zone,
            complete=request.complete or is_complete_only(kpi),
            include_open=request.include_open,
            first_month=self._catalogue.reporting.first_month,
        )

    def series(self, kpi: Kpi, request: WindowRequest, points: int, now: int) -> list[Window]:
        """The last windows side by side, in order of time, the running one included; rolling ones as tumbling."""
        newest = self.window(kpi, request, now)
        if newest.kind is Kind.rolling:
            at = newest.end if request.at is None else _moment(request.at)
            newest = window_at(newest.name, Kind.tumbling, at, newest.zone)
        if newest.start - (points - 1) * (newest.end - newest.start) < EARLIEST:
            raise invalid("points", f"{points} windows of {newest.name} begin before the year 1")
        windows = [newest]
        while len(windows) < points:
            windows.append(previous(windows[-1]))
        return windows[::-1]

    def _zone(self, name: str | None) -> str:
        if name is None:
            return self._catalogue.reporting.zones[0]
        if name not in (known := zoneinfo.available_timezones()):
            raise _unknown("time_zone", f"{name!r} is not an IANA time zone, such as Europe/Berlin", known, name)
        return name


def _moment(text: str) -> int:
    # An unescaped plus arrives as a space.
    text = text.strip().replace(" ", "+") if "T" in text.upper() else text.strip()
    try:
        moment = int(text) if text.lstrip("-").isdigit() else parse_time(text)
    except ValueError as error:
        raise invalid("at", f"{text!r}: {error}, such as 2026-11-22T14:48:33Z, or epoch milliseconds") from None
    if not FIRST_MOMENT <= moment <= LAST_MOMENT:
        raise invalid("at", f"{text!r} lies outside the years 1000 to 8999")
    return moment


def _nearest(name: str, known: Iterable[str]) -> str:
    candidates = sorted(known)
    close = difflib.get_close_matches(name, candidates, 1, 0.5)
    if close:
        return f"; did you mean {close[0]}?"
    if len(candidates) > MOST_LISTED:
        return ""
    return f"; known are {', '.join(candidates)}" if candidates else ""


def _unknown(parameter: str, reason: str, known: Iterable[str], given: str | None = None) -> Problem:
    return invalid(parameter, reason + _nearest(given or parameter, known))


def invalid(parameter: str, reason: str) -> Problem:
    """A request with something wrong in one of its parameters."""
    return Problem(
        status=422,
        name="invalid-request",
        title="The request is not valid",
        detail=f"{parameter}: {reason}",
        errors=[Fault(parameter=parameter, reason=reason)],
    )
