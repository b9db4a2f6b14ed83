"""The typed client of the api."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.answers import KpiList, KpiSummary, Series, Status, Value, ValueList
from services.client.transport import Transport, read


@dataclass(frozen=True, slots=True)
class Asked:
    """Which window of a KPI, and of what part of it. `at` is RFC 3339 or epoch milliseconds."""

    window: str | None = None
    at: str | None = None
    complete: bool = False
    time_zone: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, str]:
        """As a query."""
        named = {"window": self.window, "at": self.at, "time_zone": self.time_zone}
        stated = {name: value for name, value in named.items() if value is not None}
        return {**self.where, **stated, **({"complete": "true"} if self.complete else {})}


NOW = Asked()


class ApiClient(Transport):
    """Asks for values. Its errors are those of `Transport.send`."""

    def kpis(self) -> tuple[KpiSummary, ...]:
        """The KPIs that are served, in the catalogue's order."""
        found: list[KpiSummary] = []
        cursor: dict[str, str] = {}
        while True:
            page = read(KpiList, self.send("GET", "/v1/kpis", params=cursor))
            found += page.kpis
            if page.next is None:
                return tuple(found)
            cursor = {"cursor": page.next}

    def value(self, kpi: str, asked: Asked = NOW) -> Value:
        """One value."""
        return read(Value, self.send("GET", f"/v1/kpis/{kpi}/value", params=asked.parameters()))

    def values_by(self, kpi: str, dimensions: Sequence[str], asked: Asked = NOW) -> tuple[Value, ...]:
        """A value for each combination of values of these dimensions."""
        params: dict[str, str | Sequence[str]] = {**asked.parameters(), "by": list(dimensions)}
        return read(ValueList, self.send("GET", f"/v1/kpis/{kpi}/values", params=params)).values

    def values(self) -> tuple[Value, ...]:
        """The value of every KPI, of its first window, all of one state."""
        return read(ValueList, self.send("GET", "/v1/values")).values

    def series(self, kpi: str, points: int, window: str | None = None) -> Series:
        """The last windows side by side, the running one last."""
        params = {**Asked(window).parameters(), "points": str(points)}
        return read(Series, self.send("GET", f"/v1/kpis/{kpi}/series", params=params))

    def status(self) -> Status:
        """How far every partition is, and where its records ended."""
        return read(Status, self.send("GET", "/v1/status"))
