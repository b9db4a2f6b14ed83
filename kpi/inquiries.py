"""What is asked of the results, in a form by which answers are known again."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace

from kpi.reading import Dimensions
from kpi.selection import Excluded, Wanted
from kpi.windows import Window
from schemas.kpis import Kpi


@dataclass(frozen=True, slots=True)
class Inquiry:
    """See `Results.of`. `members`: dimension values that are answered for even without contributions."""

    kpi: Kpi
    windows: tuple[Window, ...]
    by: tuple[str, ...]
    where: tuple[tuple[str, Wanted], ...]
    folds: tuple[tuple[str, int], ...]
    members: frozenset[Dimensions] = frozenset()
    but: Excluded | None = None
    dense: bool = False

    @property
    def identity(self) -> Hashable:
        """Equal for inquiries with equal answers from one catalogue."""
        kpi = self.kpi.kpi, self.kpi.formula, tuple(self.kpi.also.items()), frozenset(self.kpi.measures)
        selected = frozenset(self.where), frozenset(self.folds), self.but
        return kpi, self.windows, self.by, selected, self.members, self.dense

    def of(
        self,
        kpi: Kpi,
        windows: Sequence[Window],
        members: frozenset[Dimensions],
        held: Collection[str] | None = None,
    ) -> "Inquiry":
        """The same of another KPI, for other windows. `held`: the dimensions that it has; None: all of them."""
        if held is None:
            return replace(self, kpi=kpi, windows=tuple(windows), members=members)
        places = self.places(held)
        by, where, folds = self.named(held)
        return Inquiry(
            kpi,
            tuple(windows),
            by,
            tuple(where.items()),
            tuple(folds.items()),
            frozenset(tuple(key[place] for place in places) for key in members) if places else frozenset(),
            None if self.but is None else self.but.among(held),
            self.dense,
        )

    def named(self, held: Collection[str]) -> tuple[tuple[str, ...], dict[str, Wanted], dict[str, int]]:
        """Breakdown, conditions and folds by these dimensions alone."""
        return (
            tuple(name for name in self.by if name in held),
            {name: value for name, value in self.where if name in held},
            {name: depth for name, depth in self.folds if name in held},
        )

    def places(self, held: Collection[str]) -> list[int]:
        """Where these dimensions stand in the breakdown."""
        return [place for place, name in enumerate(self.by) if name in held]
