"""Answers from the view: questions in, values out. Everything here blocks, and belongs into a thread."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kpi.definition import definition_version
from kpi.entries import Ledger
from kpi.grains import grains
from kpi.plan import Plan
from kpi.rates import Recorded
from kpi.results import Results
from kpi.scope import Scope
from kpi.tiles import NotRetained
from kpi.values import Moment, Question, Valuation
from kpi.window_results import WindowResults
from schemas.answers import Value
from schemas.kpis import Catalogue
from services.api.feed import Freshness
from services.api.memory import Recent
from services.api.questions import Questions
from services.api.snapshot import Snapshot
from services.api.view import View
from services.runtime.clock import Clock

STALE_SECONDS = 30.0
MOST_KNOWN = 2048


class Reading:
    """One consistent state of the view, and the moment at which it is read."""

    def __init__(self, snapshot: Snapshot, results: Results, valuation: Valuation, moment: Moment) -> None:
        self.snapshot, self.results, self.moment = snapshot, results, moment
        self._valuation = valuation

    def values(self, question: Question) -> list[list[Value]]:
        """For each window of the question its values."""
        return self._valuation.of(self.results, question, self.moment)

    def refusal(self, question: Question) -> NotRetained | None:
        """Why the panes cannot answer for the first window any more."""
        return self.results.of(question.kpi, question.windows[:1], (), {})[0].refused


class Answers:
    """What the api knows. `clock` gives epoch milliseconds, `ledger` what people had recorded by then."""

    def __init__(
        self,
        catalogue: Catalogue,
        plan: Plan,
        view: View,
        freshness: Callable[[], Freshness],
        clock: Clock,
        *,
        ledger: Callable[[], Ledger],
    ) -> None:
        self.catalogue, self.plan, self.freshness, self.clock = catalogue, plan, freshness, clock
        self.ledger = ledger
        self.scope = Scope(catalogue, plan)
        self.questions = Questions(catalogue, self.scope)
        self.versions = {name: definition_version(catalogue, name) for name in catalogue.kpis}
        self._valuation = Valuation(self.scope, self.versions, catalogue.reporting.currency)
        self._view = view
        reporting = catalogue.reporting
        self._recorded = Recorded(plan, reporting.currency, grains(reporting.zones))
        self._known: Recent[list[WindowResults]] = Recent(MOST_KNOWN)

    @property
    def state(self) -> str:
        """A digest of the flushes that the view holds and of what people recorded, the same wherever these are."""
        return f"{self._view.state} {self.ledger().digest}"

    def is_stale(self) -> bool:
        """Whether the view does not hold, or may not hold, all that has been computed."""
        staleness = self.freshness().staleness(self.clock())
        return staleness is None or staleness > STALE_SECONDS

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A reading of the present state."""
        with self._view.snapshot() as snapshot:
            results = Results(self.catalogue, self.plan, self.scope, snapshot, self._known, recorded=self._recorded)
            yield Reading(snapshot, results, self._valuation, Moment(self.clock(), self.is_stale(), self.ledger()))

    def values(self, questions: Sequence[Question]) -> list[Value]:
        """All values of several questions, from one state."""
        with self.reading() as reading:
            return [value for question in questions for values in reading.values(question) for value in values]
