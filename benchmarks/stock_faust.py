"""The same job as Faust is usually written: a record an event, and a windowed Table with a changelog."""

import os
from typing import Any

import faust


class Call(faust.Record, serializer="json"):
    """One call."""

    id: str
    time: int
    team: str
    region: str
    duration_ms: int
    outcome: str


app = faust.App(
    "stock-faust",
    broker=f"kafka://{os.environ['BENCH_BROKER']}",
    topic_partitions=4,
    datadir=os.environ["BENCH_STATE"],
    store="memory://",
    web_enabled=False,
)
calls = app.topic("bench.call.v1", value_type=Call)
totals: Any = app.Table("totals", default=lambda: [0, 0, None, None]).tumbling(60.0)


@app.agent(calls)
async def aggregate(stream: faust.StreamT[Call]) -> None:
    """Count, sum, minimum and maximum of each minute, team and region."""
    windows = totals.relative_to(lambda event: event.value.time / 1000)
    async for call in stream:
        key = f"{call.team}|{call.region}"
        count, total, shortest, longest = windows[key].value()
        duration = call.duration_ms
        windows[key] = [
            count + 1,
            total + duration,
            duration if shortest is None else min(shortest, duration),
            duration if longest is None else max(longest, duration),
        ]
