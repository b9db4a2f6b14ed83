"""What is found for one window of a KPI."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kpi.combination import Result
from kpi.comparing import joined
from kpi.reading import Dimensions
from kpi.reasons import Reason
from kpi.tiles import NotRetained
from kpi.windows import Window
from schemas.kpis import Kpi


@dataclass(frozen=True, slots=True)
class WindowResults:
    """All results of a KPI for one window, by dimension values. `refused`: why the panes cannot answer any more.

    `cut`: the window begins before all that the KPI is made of was counted. `restated`: other rates were said when the
    window was over.
    """

    window: Window
    by_dimensions: Mapping[Dimensions, Result]
    revision: int
    final: bool
    refused: NotRetained | None = None
    cut: bool = False
    restated: bool = False

    @classmethod
    def nothing(cls, window: Window, reason: Reason) -> "WindowResults":
        """Of a window without an answer."""
        return cls(window, {(): Result(None, reason)}, 1, final=False)

    def joined(self, kpi: Kpi, other: "WindowResults") -> "WindowResults":
        """With what another part of the KPI gives beside."""
        return replace(self, by_dimensions=joined(kpi, self.by_dimensions, other.by_dimensions))

    def spread(self, places: Sequence[int], members: Iterable[Dimensions]) -> "WindowResults":
        """The same for every member that has these values, which stand at `places` of its own; nobody's events."""
        found = {key: self.by_dimensions.get(tuple(key[place] for place in places)) for key in members}
        return replace(
            self,
            by_dimensions={key: replace(result, counted={}) for key, result in found.items() if result is not None},
        )


def broken_down(by: tuple[str, ...], found: Mapping[str, WindowResults]) -> dict[str, Mapping[Dimensions, Result]]:
    """By name the results of one window, without what only says that there is nothing to break down."""
    return {
        name: {key: result for key, result in each.by_dimensions.items() if key or not by}
        for name, each in found.items()
    }


def nothing_counted(cut: bool) -> dict[Dimensions, Result]:
    """Where a breakdown finds no values, that this does not mean that there are none."""
    return {(): Result(None, Reason.before_start)} if cut else {}


def nothing_of(by: tuple[str, ...]) -> dict[Dimensions, Result]:
    """Of a window whose panes are gone; one null where no breakdown is asked for."""
    return {} if by else {(): Result(None, Reason.not_served)}
