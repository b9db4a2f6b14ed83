"""What cost centres book, and when they close their months."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import CLOSED, DAY, END, HOUR, MINUTE, START, moments
from tests.table.business.events import Event, Teller
from tests.table.business.rates import currency_of

_CENTRES = {"shop": 0.3, "web": 0.2, "factory": 0.3, "office": 0.1, "lab": 0.1}
_OPENED = {"lab": START + 160 * DAY}
"""Who is heard of for the first time when others have closed months."""

_ACCOUNTS = {"income": "4000", "cogs": "5000", "sales_marketing": "6100", "operating": "6000", "other": "7000"}
_SIZES = {"income": 11.2, "cogs": 10.3, "sales_marketing": 9.4, "operating": 9.9, "other": 8.0}
_SAID_WITHIN = 90 * DAY
_PAUSE = 3 * HOUR
"""Nobody books for so long before closing, so that the order in which records arrive does not decide."""


def finance(seed: str) -> Iterator[Event]:
    """All that is booked in the year, in no order."""
    tell = Teller(f"{seed}-finance")
    closings = {name: [_closing(tell, month) for month in range(1, 13)] for name in _CENTRES}
    for time in moments(tell.chance, daily=5, at_edges=4, busy=40):
        yield from _entry(tell, time, closings)
    for name, times in closings.items():
        for month, time in enumerate(times, 1):
            if time > _OPENED.get(name, START):
                yield from tell.say("finance.entry", time, **_closed(name, _last_day(month)))


def budgets(seed: str) -> Iterator[Event]:
    """What each cost centre plans, in several versions, in no order."""
    tell = Teller(f"{seed}-budgets")
    for centre in _CENTRES:
        for account_type, size in _SIZES.items():
            usual = int(tell.chance.lognormvariate(size + 1.5, 0.4))
            for month in range(1, 13):
                yield from _planned(tell, centre, account_type, datetime.date(2025, month, 1), usual)


def _planned(tell: Teller, centre: str, account_type: str, month: datetime.date, usual: int) -> Iterator[Event]:
    first = int(datetime.datetime(2025, month.month, 1, tzinfo=datetime.UTC).timestamp() * 1000)
    last = min(first + _SAID_WITHIN, END) - 1
    said = START + DAY + tell.chance.randrange(20 * DAY)
    versions = tell.chance.choice(((1,), (1, 2), (1, 2, 3), (2, 1), (1, 1)))
    for version in versions:
        # Now and then less than nothing is planned: a credit.
        amount = usual + tell.chance.randrange(-usual // 3, usual // 3) if tell.happens(0.95) else -usual
        yield from tell.say("finance.budget", said, **_plan(centre, account_type, month, amount, version))
        said = last if tell.happens(0.05) else said + 1 + tell.chance.randrange(last - said) if said < last else last


def _plan(centre: str, account_type: str, month: datetime.date, amount: int, version: int) -> dict[str, Any]:
    return {
        "cost_centre": centre,
        "account_type": account_type,
        "month": month.replace(day=1 + version).isoformat(),
        "amount_minor": amount,
        "currency": currency_of(str(amount)),
        "version": version,
    }


def after_closing(seed: str) -> Iterator[Event]:
    """What is booked and planned in time by the clock, for days that are closed and months long ago."""
    tell = Teller(f"{seed}-finance-closed")
    for number, centre in enumerate(_CENTRES):
        day = datetime.date(2025, 2 + 2 * number, 11)
        body = {"id": f"{seed}-closed-{number}", "source": "table", "time": CLOSED + MINUTE}
        yield Event("finance.entry", {**body, **_posted(tell, centre, day)})
        plan = _plan(centre, "operating", day, 10**6, 9)
        yield Event("finance.budget", {**body, "id": f"{seed}-planned-{number}", **plan})


def _entry(tell: Teller, posted: int, closings: dict[str, list[int]]) -> Iterator[Event]:
    """An entry that is typed in at `posted`, some days after the day that it belongs to, or before."""
    centre = tell.one_of(**_CENTRES)
    if posted < _OPENED.get(centre, START):
        centre = "office"
    days = tell.chance.choice((-4, -1, 0, 0, 0, 0, 1, 2, 5, 9))
    day = datetime.datetime.fromtimestamp(posted / 1000, datetime.UTC).date() - datetime.timedelta(days=days)
    if day.year != 2025 or posted > closings[centre][day.month - 1] - _PAUSE:
        return
    yield from tell.say("finance.entry", posted, **_posted(tell, centre, day))


def _posted(tell: Teller, centre: str, day: datetime.date) -> dict[str, Any]:
    account_type = tell.one_of(income=0.3, cogs=0.25, sales_marketing=0.15, operating=0.25, other=0.05)
    amount = int(tell.chance.lognormvariate(_SIZES[account_type], 0.6)) + 1
    return {
        "account": _ACCOUNTS[account_type],
        "account_type": account_type,
        "cost_centre": centre,
        "project_id": tell.one_of(atlas=0.5, borealis=0.5) if tell.happens(0.7) else None,
        "sku": tell.one_of(chair=0.4, lamp=0.3, table=0.3) if account_type in ("income", "cogs") else None,
        # A credit note is income below zero.
        "amount_minor": -(amount // 3) if tell.happens(0.08) else amount,
        "currency": currency_of(str(amount)),
        "effective": day.isoformat(),
        "action": "posted",
    }


def _closed(centre: str, day: datetime.date) -> dict[str, Any]:
    return {
        "account": "0",
        "account_type": "other",
        "cost_centre": centre,
        "amount_minor": 0,
        "currency": "EUR",
        "effective": day.isoformat(),
        "action": "period_closed",
    }


def _closing(tell: Teller, month: int) -> int:
    """When a month is closed: some days after its end; December on its last evening."""
    if month == 12:
        return END - 1 - tell.chance.randrange(20 * MINUTE)
    end = datetime.datetime(2025, month + 1, 1, tzinfo=datetime.UTC)
    return int(end.timestamp() * 1000) + 5 * DAY + tell.chance.randrange(7 * DAY)


def _last_day(month: int) -> datetime.date:
    return datetime.date(2025 + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)


# Whoever is heard of has to close the year, or it stays open.
NOTHING: dict[str, dict[str, Any]] = {
    "finance.entry": _closed("none", datetime.date(2025, 12, 31)),
    "finance.budget": _plan("none", "other", datetime.date(2030, 1, 1), 0, 0),
}
"""By stream, a record that counts for nothing, less its key, id and time."""
