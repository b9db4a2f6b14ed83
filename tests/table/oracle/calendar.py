"""Windows, by an arithmetic of its own: local dates, and the moments at which they begin."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

MINUTE = 60_000
_LENGTHS = {"5m": 5 * MINUTE, "1h": 60 * MINUTE, "24h": 1440 * MINUTE}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A window and a segment. `at`: epoch milliseconds; `where`: dimension values; `flat`: as if all days had 24 hours,
    which is wrong. `cut`: what is more than so many milliseconds after its start is left out.
    """

    window: str
    at: int
    zone: str = "UTC"
    where: Mapping[str, str] = field(default_factory=dict)
    flat: bool = False
    cut: int | None = None

    @property
    def span(self) -> Span:
        """[start, end) in epoch milliseconds: a rolling window ends at `at`, any other one holds it."""
        start, end = self._whole
        return start, end if self.cut is None else min(end, start + self.cut)

    @property
    def _whole(self) -> Span:
        length = _LENGTHS.get(self.window)
        if length is not None:
            start = self.at // length * length if self.window == "1h" else self.at - length
            return start, start + length
        first, following = _dates(self.window, datetime.datetime.fromtimestamp(self.at / 1000, ZoneInfo(self.zone)))
        start = _begins(first, self.zone)
        return start, start + (following - first).days * 1440 * MINUTE if self.flat else _begins(following, self.zone)

    @property
    def before(self) -> "Asked":
        """The same window, one earlier."""
        start = self.span[0]
        return replace(self, at=start if self.window in ("5m", "24h") else start - 1)


def _begins(day: datetime.date, zone: str) -> int:
    local = datetime.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int(local.astimezone(datetime.UTC).timestamp()) * 1000


def _dates(window: str, local: datetime.datetime) -> tuple[datetime.date, datetime.date]:
    day = local.date()
    if window == "day":
        return day, day + datetime.timedelta(days=1)
    if window == "week":
        monday = datetime.date.fromisocalendar(*day.isocalendar()[:2], 1)
        return monday, monday + datetime.timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[window]
    month = (day.month - 1) // months * months
    ends = month + months
    return datetime.date(day.year, month + 1, 1), datetime.date(day.year + ends // 12, ends % 12 + 1, 1)
