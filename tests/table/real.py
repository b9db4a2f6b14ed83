"""Everything that `kpi up` runs, fed and asked over HTTP."""

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import time_ns
from typing import Any

import httpx2

from services.runtime.catalogue import load
from tests.brokers.waiting import until
from tests.e2e.installations import Up, start_kpi_up
from tests.table.business.events import Body, Event
from tests.table.oracle.calendar import Asked
from tests.table.playing import DISORDER, declarations
from tests.table.silence import silence

AT_ONCE = 5_000
COUNTED_SECONDS = 300.0


def start(folder: Path, **settings: object) -> Up:
    """Start everything on what is shipped, with two workers; return at once."""
    catalogue = folder / "catalogue"
    catalogue.mkdir()
    (catalogue / "all.yaml").write_text(declarations())
    return start_kpi_up(folder, "--catalogue", str(catalogue), "--no-default-catalogue", "--workers", "2", **settings)


class Real:
    """A running installation."""

    def __init__(self, up: Up) -> None:
        self._streams = load([up.folder / "catalogue"], default=False).streams
        addresses = up.addresses()
        self._ingest = httpx2.Client(base_url=addresses["ingest"], timeout=60, trust_env=False)
        self._api = httpx2.Client(base_url=addresses["api"], timeout=60, trust_env=False)

    def close(self) -> None:
        """Closes the connections."""
        self._ingest.close()
        self._api.close()

    def tell(self, events: Sequence[Event]) -> None:
        for first in range(0, len(events), AT_ONCE):
            batches: dict[str, list[Body]] = {}
            for stream, body in events[first : first + AT_ONCE]:
                batches.setdefault(stream, []).append(body)
            for stream, bodies in batches.items():
                answer = self._ingest.post(f"/v1/streams/{stream}/events", json=bodies)
                assert answer.status_code == 202, answer.text
                assert answer.json()["accepted"] == len(bodies), answer.text

    def be_silent_until(self, time: int) -> None:
        self.tell([event for stream in self._streams.values() for event in silence(stream, time)])
        wanted = datetime.datetime.fromtimestamp((time - DISORDER) / 1000, datetime.UTC)

        def heard() -> bool:
            values = self._api.get("/v1/values").json()["values"]
            marks = [value["watermark"] for value in values]
            return all(mark is not None and datetime.datetime.fromisoformat(mark) >= wanted for mark in marks)

        until(heard, COUNTED_SECONDS, f"every watermark is at {wanted}", 0.5)

    def now(self) -> int:
        return time_ns() // 1_000_000

    def ask(self, kpi: str, asked: Asked, by: str | None) -> list[Mapping[str, Any]]:
        query = {"window": asked.window, "at": str(asked.at), "time_zone": asked.zone, **asked.where}
        answer = self._api.get(f"/v1/kpis/{kpi}/values", params=query | ({"by": by} if by else {}))
        assert answer.status_code == 200, answer.text
        values: list[Mapping[str, Any]] = answer.json()["values"]
        return values

    def fates(self) -> dict[str, dict[str, int]]:
        """By stream, where its records ended."""
        found: dict[str, dict[str, int]] = {}
        for task in self._api.get("/v1/status").json()["tasks"]:
            for place in task["topics"]:
                fates = found.setdefault(place["topic"].removesuffix(".v1"), {})
                for fate, number in {**place["fates"], "consumed": place["consumed"]}.items():
                    fates[fate] = fates.get(fate, 0) + number
        return found
