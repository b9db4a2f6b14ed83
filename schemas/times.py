"""Moments and dates as they are written in events: integer milliseconds or RFC 3339 with an offset; ISO 8601 dates."""

import re
from datetime import UTC, date, datetime, timedelta

EARLIEST = -62_135_596_800_000
LATEST = 253_402_300_799_999
"""The first and the last millisecond of the years 1 to 9999."""

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.date().toordinal()
DAY = 86_400_000
"""Milliseconds of a day of UTC."""
_MILLISECOND = timedelta(milliseconds=1)


def parse_time(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 time with offset; digits after the millisecond are cut. ValueError where it is
    none.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("not RFC 3339 with an offset")
    day, hour, minute, second, fraction, sign, offset_hours, offset_minutes = match.groups()
    clock = (int(hour) * 60 + int(minute)) * 60 + int(second)
    offset = (int(offset_hours or 0) * 60 + int(offset_minutes or 0)) * 60
    seconds = clock + offset if sign == "-" else clock - offset
    return parse_date(day) + seconds * 1000 + int((fraction or "")[:3].ljust(3, "0"))


def parse_date(text: str) -> int:
    """Epoch milliseconds of the UTC midnight that starts a date, `YYYY-MM-DD`. ValueError where it is none."""
    if _DATE.fullmatch(text) is None:
        raise ValueError("not a date written YYYY-MM-DD")
    return (date.fromisoformat(text).toordinal() - _EPOCH_DAY) * DAY


def milliseconds_of(value: object) -> int | None:
    """Epoch milliseconds of an event's `time`, an integer or RFC 3339 with offset; None where it is neither."""
    if isinstance(value, str):
        try:
            value = parse_time(value)
        except ValueError:
            return None
    return value if type(value) is int and EARLIEST <= value <= LATEST else None


def to_datetime(milliseconds: int) -> datetime:
    """The aware UTC datetime of epoch milliseconds, exact."""
    return _EPOCH + milliseconds * _MILLISECOND


def text_of(milliseconds: int) -> str:
    """RFC 3339 in UTC of epoch milliseconds, without a fraction where there is none."""
    text = to_datetime(milliseconds).isoformat(timespec="milliseconds" if milliseconds % 1000 else "seconds")
    return text.replace("+00:00", "Z")
