"""The busiest day of a real call centre, call by call, compared with the file."""

import datetime
import json
from collections import defaultdict
from pathlib import Path

from services.cli.demo import bank_calls, datasets
from tests.brokers.waiting import until
from tests.e2e.installations import Up
from tests.e2e.pizzeria import ask, consumed, run_import

DAY = 86_400_000


def test_the_busiest_day_of_a_call_centre(pizzeria_up: Up, tmp_path: Path) -> None:
    up = pizzeria_up
    intervals = bank_calls.intervals(datasets.bank_calls())
    days: dict[int, list[bank_calls.Interval]] = defaultdict(list)
    for interval in intervals:
        days[interval.start // DAY].append(interval)
    busiest, chosen = max(days.items(), key=lambda day: sum(interval.calls for interval in day[1]))
    # By whole days to yesterday, where single minutes are still kept.
    yesterday = int(datetime.datetime.now(datetime.UTC).timestamp() * 1000) // DAY - 1
    shift = (yesterday - busiest) * DAY
    file = tmp_path / "calls.csv"
    bank_calls.calls(chosen, shift).write_csv(file)
    total = sum(interval.calls for interval in chosen)

    run_import(up, str(file), "--stream", "support.contact", "--backfill")
    until(lambda: consumed(up, "support.contact") >= total, 120, "every call is counted")
    day = datetime.datetime.fromtimestamp(yesterday * DAY / 1000 + 60, datetime.UTC)
    assert ask(up, "customer_contacts", window="day", at=day.isoformat())["value"] == total
    for interval in chosen:
        end = datetime.datetime.fromtimestamp((interval.start + shift + bank_calls.STEP) / 1000, datetime.UTC)
        value = ask(up, "customer_contacts", window="5m", at=end.isoformat())
        assert value["value"] == interval.calls, json.dumps(value)
