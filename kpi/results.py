"""The result of a KPI for any windows and dimensions: panes read, measures merged, formula applied."""

from collections.abc import Hashable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from functools import cached_property

from kpi.beginnings import Beginnings
from kpi.combination import Part, combined, is_cut
from kpi.comparing import apart
from kpi.earlier import Sides, Step, sides
from kpi.folds import deepest, is_beyond
from kpi.grains import DAY, Grain, grains
from kpi.inquiries import Inquiry
from kpi.measures import columns_of
from kpi.members import added_up, of_members
from kpi.operands import operands_of
from kpi.origins import Origins
from kpi.plan import Family, Group, Plan
from kpi.rates import Change, Rates, Recorded, Worth
from kpi.reading import Ask, Dimensions, Flushes, Folds, Panes, Row, Span
from kpi.reasons import Reason
from kpi.scope import Scope
from kpi.selection import Excluded, Wanted, texts_of
from kpi.serving import servings
from kpi.spans import FOR_EVER, Layout, Read, Until
from kpi.standing import Source, is_covered, is_final, lowest_watermark, now_of_levels
from kpi.window_results import WindowResults, broken_down, nothing_counted, nothing_of
from kpi.windows import Window
from schemas.kpis import Aggregate, Catalogue, Kpi, Members

MOST_KEPT = 500
Known = MutableMapping[Hashable, list[WindowResults]]
"""Results by everything that they follow from: question, and the last flush of every task that they read."""


class Results:
    """Answers from one consistent state of the panes. `by` and `where` name dimensions of the KPI.

    `known`: results of this catalogue from earlier states, used where they still hold, and added to; so `recorded`.
    """

    def __init__(
        self, catalogue: Catalogue, plan: Plan, scope: Scope, panes: Panes, known: Known, *, recorded: Recorded
    ) -> None:
        self._catalogue, self._plan, self._scope, self._panes = catalogue, plan, scope, panes
        self._grains: tuple[Grain, ...] = grains(catalogue.reporting.zones)
        self._known, self._recorded = known, recorded
        self._origins = Origins(catalogue, plan, panes)
        self._beginnings = Beginnings(plan, panes)

    def sources(self, kpi: str) -> tuple[Source, ...]:
        """Every source that the KPI reads, those of the KPIs it uses included."""
        return self._origins.of(self._scope.units(kpi))

    def folds(self, kpi: str) -> Folds:
        """The dimensions of which some values are folded, in any group that the KPI reads."""
        tasks = dict.fromkeys(source.task for source in self.sources(kpi))
        groups = [group.id for name in self._scope.family(kpi) for group in self._plan.groups_of(name)]
        return deepest((p for task in tasks if (p := self._panes.progress(task)) is not None), groups)

    def of(
        self,
        kpi: Kpi,
        windows: Sequence[Window],
        by: tuple[str, ...],
        where: Mapping[str, Wanted],
        *,
        but: Excluded | None = None,
        dense: bool = False,
    ) -> list[WindowResults]:
        """The results of each window. Where no dimension is asked for, there is exactly one a window.

        `but`: members that are left out, of what is not broken down. `dense`: whatever has a result in one of the
        windows has one in each.
        """
        named = {*by, *where, *(but.by if but is not None else ())}
        folds = {name: depth for name, depth in self.folds(kpi.kpi).items() if name in named}
        asked = ((depth, value) for name, depth in folds.items() if name in where for value in texts_of(where[name]))
        if any(is_beyond(value, depth) for depth, value in asked):
            return [WindowResults.nothing(window, Reason.folded) for window in windows]
        inquiry = Inquiry(kpi, tuple(windows), by, tuple(where.items()), tuple(folds.items()), but=but, dense=dense)
        return self._of(inquiry)

    def _of(self, asked: Inquiry) -> list[WindowResults]:
        tasks = dict.fromkeys([*(source.task for source in self.sources(asked.kpi.kpi)), *self._recorded.tasks])
        flushes = tuple((p.task, p.incarnation, p.flush) for task in tasks if (p := self._panes.progress(task)))
        key = (asked.identity, flushes)
        found = self._known.get(key)
        if found is None:
            if asked.kpi.members is not None:
                found = self._added_up(asked, asked.kpi.members)
            else:
                found = self._compared(asked) if asked.kpi.compare else self._computed(asked, asked.windows, {})
            # Large breakdowns are seldom asked for twice, and would fill the memory.
            if sum(len(each.by_dimensions) for each in found) <= MOST_KEPT:
                self._known[key] = found
        return found

    def _added_up(self, asked: Inquiry, members: Members) -> list[WindowResults]:
        """What is computed member by member, and its sums taken into the formula."""
        held = self.folds(asked.kpi.kpi)
        if any(name in held for name in members.of):
            return [WindowResults.nothing(window, Reason.folded) for window in asked.windows]
        by = (*asked.by, *(name for name in members.of if name not in asked.by))
        inner = replace(asked, kpi=of_members(asked.kpi, members), by=by, members=frozenset())
        now = now_of_levels(self.sources(asked.kpi.kpi))
        return [
            replace(
                each,
                by_dimensions=added_up(asked.kpi, members, each, by=asked.by, within=by, now=now, wanted=asked.members),
            )
            for each in self._computed(inner, asked.windows, {})
        ]

    def _compared(self, asked: Inquiry) -> list[WindowResults]:
        kpi, to_date = asked.kpi, "to_date" in servings(asked.kpi)
        family = list(self._scope.family(kpi.kpi))
        delay = max(self._catalogue.kpis[name].posting_delay for name in family)
        watermark = lowest_watermark(self.sources(kpi.kpi))
        known = None if watermark is None else watermark - delay
        layout = Layout(self._grains, self._origins.horizons(self._scope.units(kpi.kpi)), FOR_EVER)
        found: list[WindowResults] = []
        for part in apart(kpi):
            steps: dict[str, Step] = {name: comparison.step for name, comparison in part.compare.items()}
            read = [
                sides(window, steps, known, layout.keeps, to_date=to_date) if steps else Sides(window, {})
                for window in asked.windows
            ]
            earlier = {name: [each.earlier.get(name) for each in read] for name in steps}
            inquiry = replace(asked, kpi=part, windows=tuple(each.window for each in read))
            more = self._computed(inquiry, asked.windows, earlier)
            found = [one.joined(kpi, other) for one, other in zip(found, more, strict=True)] if found else more
        return found

    def _computed(
        self, asked: Inquiry, stated: Sequence[Window], earlier: Mapping[str, Sequence[Window | None]]
    ) -> list[WindowResults]:
        """`stated`: the windows that the results are said to be of. `earlier`: what each is compared with, by name."""
        kpi = asked.kpi
        reads = self._reads(asked)
        parts = [part for read in reads for part in self._parts(read, asked)]
        members = asked.members
        used, compared = self._used(asked, members), self._earlier(asked, earlier, members)
        if asked.by and (used or compared or asked.dense):
            # Where one part has nothing of a member that another has, that is a zero, and not nothing.
            members |= {dimensions for part in parts for _, dimensions in part.own_rows}
            members |= {
                key for those in (used, compared) for results in those.values() for each in results
                for key in each.by_dimensions
            }  # fmt: skip
            used, compared = self._used(asked, members), self._earlier(asked, earlier, members)
        late = self._late_flushes(asked, reads)
        own, wait = self._origins.of(self._scope.own_units(kpi.kpi)), kpi.posting_delay + self._scope.reach(kpi)
        where = dict(asked.where)
        closings = {stream: _one_of(where.get(name or "")) for stream, name in self._scope.closings(kpi).items()}
        now = now_of_levels(self.sources(kpi.kpi))
        said = self._said(parts, stated)
        # From here on it could have been final, as far as moments say.
        settled = wait + max((source.lateness for source in own), default=0)
        answers = []
        for place, window in enumerate(stated):
            beneath = {name: results[place] for name, results in used.items()}
            before = {name: results[place] for name, results in compared.items()}
            names = {part.name for part in parts if part.cut[place]}
            names |= {name for name, results in beneath.items() if results.cut}
            cut = is_cut(kpi.formula, names)
            mine = (refusal for read in reads if (refusal := read.refused[place]) is not None)
            theirs = (results.refused for results in beneath.values() if results.refused is not None)
            refused = next(mine, None) or next(theirs, None)
            # What is read in its place says nothing final of a window.
            final = asked.windows[place] == window and is_final(own, window.end, wait, closings)
            below = [*beneath.values(), *before.values()]
            answers.append(
                WindowResults(
                    window,
                    nothing_of(asked.by) if refused else combined(
                        kpi, place, parts, broken_down(asked.by, beneath), members if asked.by else {()},
                        compared=broken_down(asked.by, before), given=operands_of(kpi, asked.windows[place], now),
                        cut=names,
                    ) or nothing_counted(cut),
                    1 + late[place] + len(said[place]) + sum(results.revision - 1 for results in below),
                    final and not cut and all(results.final for results in below),
                    refused,
                    cut,
                    any(each.corrected or each.at >= window.end + settled for each in said[place])
                    or any(results.restated for results in below),
                )
            )  # fmt: skip
        return answers

    def _used(self, asked: Inquiry, members: frozenset[Dimensions]) -> dict[str, list[WindowResults]]:
        return {name: self._beneath(asked, name, asked.windows, members) for name in asked.kpi.uses}

    def _earlier(
        self, asked: Inquiry, earlier: Mapping[str, Sequence[Window | None]], members: frozenset[Dimensions]
    ) -> dict[str, list[WindowResults]]:
        found = {}
        for name, windows in earlier.items():
            there = [window for window in windows if window is not None]
            results = iter(self._beneath(asked, asked.kpi.compare[name].of, there, members) if there else ())
            found[name] = [
                WindowResults(window, {}, 1, final=True) if past is None else next(results)
                for window, past in zip(asked.windows, windows, strict=True)
            ]
        return found

    def _beneath(
        self, asked: Inquiry, name: str, windows: Sequence[Window], members: frozenset[Dimensions]
    ) -> list[WindowResults]:
        kpi = self._catalogue.kpis[name]
        if name not in asked.kpi.whole:
            return self._of(asked.of(kpi, windows, members))
        held = self._scope.dimensions(name)
        found = self._of(asked.of(kpi, windows, members, held))
        return [one.spread(asked.places(held), members) for one in found] if asked.by else found

    def _reads(self, question: Inquiry) -> list[Read]:
        kpi = question.kpi.kpi
        until = Until(now_of_levels(self.sources(kpi))) if self._scope.reads_ahead(kpi) else FOR_EVER
        horizons = self._origins.horizons(self._scope.own_units(kpi))
        return Layout(self._grains, horizons, until).reads(self._plan, question.kpi, question.windows)

    def _parts(self, read: Read, question: Inquiry) -> Iterator[Part]:
        columns = tuple(dict.fromkeys(name for reading in read.readings.values() for name in columns_of(reading)))
        spans = [span or Span() for span in read.spans]
        rows: dict[tuple[int, Dimensions], list[Row]] = {}
        kpi, but = question.kpi, None if question.but is None else question.but.among(read.group.dimensions)
        named = {*question.by, *(name for name, _ in question.where)}
        # What is recorded of the whole is no sum of what is recorded of its parts.
        without = tuple(name for name in kpi.dimensions if name not in named) if kpi.recorded else ()
        asked = Ask(read.group, columns, spans, *question.named(read.group.dimensions), without, but)
        for row in self._panes.read(asked):
            if kpi.recorded and None in row.dimensions:
                continue
            rows.setdefault((row.span, row.dimensions), []).append(row)
        own = self._origins.of(frozenset({read.group.unit}))
        covered = [
            span is not None and is_covered(own, window, read.group)
            for span, window in zip(read.spans, read.windows, strict=True)
        ]
        places = question.places(read.group.dimensions)
        worth = self._worth(read.group, spans)
        for name, reading in read.readings.items():
            measure = question.kpi.measures[name]
            # What happened in the window before is not among the events of this one, nor what is everybody's.
            source = None if read.shifted or measure.whole else measure.from_
            cut = self._beginnings.cut(read.group, columns_of(reading), read.spans)
            yield Part(name, source, reading, columns, rows, covered, cut, worth, places if measure.whole else None)

    def _worth(self, group: Group, spans: Sequence[Span]) -> list[Worth | None]:
        """What the money of a group is worth, for each span."""
        rates = self._rates if group.currency is not None else None
        if rates is None:
            return [None] * len(spans)
        if group.family is Family.level:
            return [Worth(rates, (span.end - 1) // DAY) for span in spans]
        if group.family is Family.held:
            # What there was at the start, by the rate of then.
            return [Worth(rates, (span.start - 1) // DAY) for span in spans]
        return [Worth(rates, None)] * len(spans)

    @cached_property
    def _rates(self) -> Rates | None:
        return self._recorded.of(self._panes)

    def _said(self, parts: Sequence[Part], windows: Sequence[Window]) -> list[list[Change]]:
        """By window, which of the rates that are used for it have changed since it was over."""
        rates = self._rates
        if rates is None:
            return [[] for _ in windows]
        used: list[set[tuple[str, int]]] = [set() for _ in windows]
        for part in parts:
            if part.reading.money:
                for (place, _), rows in part.rows.items():
                    worth = part.worth[place]
                    used[place] |= {worth.place(row.currency) for row in rows} if worth is not None else set()
        return [rates.changes(those, window.end) for those, window in zip(used, windows, strict=True)]

    def _late_flushes(self, question: Inquiry, reads: Sequence[Read]) -> list[int]:
        found: list[Flushes] = [frozenset()] * len(question.windows)
        ends = [window.end for window in question.windows]
        marks = [source.watermark for source in self.sources(question.kpi.kpi) if source.watermark is not None]
        highest = max(marks, default=0)
        for read in reads:
            # Before any watermark has passed its end, nothing can have changed a window afterwards.
            spans = [span if span and end <= highest else Span() for span, end in zip(read.spans, ends, strict=True)]
            integrated = any(reading.aggregate is Aggregate.integral for reading in read.readings.values())
            reaching = [span.start + 1 if integrated else span.end for span in spans]
            more = self._panes.late_flushes(read.group.id, spans, ends, reaching)
            found = [known | new for known, new in zip(found, more, strict=True)]
        return [len(flushes) for flushes in found]


def _one_of(wanted: Wanted) -> str | None:
    """Who alone is asked for. Of several, all must have closed: none is left out."""
    return wanted if isinstance(wanted, str) else None
