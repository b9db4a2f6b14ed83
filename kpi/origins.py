"""Where the panes that are read come from, in one state of them: sources, and how far back they are held."""

from kpi.plan import Plan
from kpi.reading import Panes
from kpi.standing import Source, sources
from schemas.kpis import Catalogue


class Origins:
    """By units, each looked up once."""

    def __init__(self, catalogue: Catalogue, plan: Plan, panes: Panes) -> None:
        self._catalogue, self._plan, self._panes = catalogue, plan, panes
        self._known: dict[frozenset[str], tuple[Source, ...]] = {}

    def of(self, units: frozenset[str]) -> tuple[Source, ...]:
        """Every source of these units."""
        if units not in self._known:
            self._known[units] = sources(self._catalogue, self._plan, self._panes, units)
        return self._known[units]

    def horizons(self, units: frozenset[str]) -> dict[str, int]:
        """By grain the epoch milliseconds before which a task of these units holds no panes; absent: all are held."""
        horizons: dict[str, int] = {}
        for source in self.of(units):
            progress = self._panes.progress(source.task)
            for grain, horizon in (progress.retained if progress else {}).items():
                horizons[grain] = max(horizon, horizons.get(grain, horizon))
        return horizons
