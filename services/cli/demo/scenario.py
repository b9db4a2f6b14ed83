"""What `kpi demo` does: everything from nothing, real data replayed to end now, and the books at the end."""

import time
from pathlib import Path

import polars as pl

from schemas.answers import Status
from schemas.kpis import Catalogue
from schemas.topics import stream_topic
from services.cli import books, watching
from services.cli.console import Report, output
from services.cli.context import api_client, token_of
from services.cli.demo import bank_calls, datasets
from services.cli.demo.live_calls import LiveCalls
from services.cli.demo.made_up import MadeUp
from services.cli.failures import CommandFailed
from services.cli.importing import ImportOrder, run_import
from services.cli.installation import Installation
from services.cli.signals import StopRequest
from services.cli.supervisor import Supervisor
from services.client.api import ApiClient
from services.client.errors import ServiceError
from services.client.ingest import IngestClient
from services.runtime.clock import wall_clock
from services.runtime.settings import Settings

PIZZERIA = Path(__file__).parents[3] / "examples" / "pizzeria"
PIZZAS = "pizzeria.sale"
WORKERS = 2
DAYS = 3
LIVE_MILLISECONDS = 30 * 60_000
"""So much of the bank's calls lies ahead when the demo begins, and is sent call by call."""
FIRST_VALUE_SECONDS = 60.0
DRAIN_SECONDS = 90.0


class Demo:
    """One run of the demo. `began`: when it was asked for, by the monotonic clock."""

    def __init__(self, settings: Settings, catalogue: Catalogue, stop: StopRequest, began: float) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._stop = stop
        self._began = began
        self._console = output()
        self._report = Report(self._console)
        self._children = Supervisor(stop, self._report.notice)
        self._installation = Installation(settings, catalogue, WORKERS, self._children, self._report)
        self._written: dict[str, int] = {}

    def run(self, seconds: float | None) -> None:
        """Show everything until a stop is requested, or `seconds` after the first live value; then close the books.

        Raises CommandFailed where a part fails or the books do not add up, Interrupted on an early stop.
        """
        self._report.title("kpi demo: two real data sets, replayed to end now, and simulated events")
        try:
            addresses = self._installation.start()
            with api_client(self._settings) as api, self._ingest(addresses.ingest or "") as ingest:
                to_come = self._replay_calls()
                made_up = MadeUp(self._settings, self._catalogue, {bank_calls.STREAM, PIZZAS})
                with LiveCalls(ingest, to_come, wall_clock) as live, made_up:
                    first = self._first_value(api)
                    self._replay_pizzas()
                    self._report.line("page", f"{addresses.api}/")
                    left = None if seconds is None else max(first + seconds - time.monotonic(), 0)
                    watching.watch(watching.Board(api), self._console, self._stop, left, self._installation.check)
                    self._stop.raise_if_requested()
                self._written[bank_calls.STREAM] += live.accepted
                self._close(api)
        finally:
            self._installation.stop()

    def _ingest(self, url: str) -> IngestClient:
        return IngestClient(url, token_of(self._settings))

    def _replay_calls(self) -> pl.DataFrame:
        """Import the calls that lie in the past; those that are still to come."""
        intervals = bank_calls.last_days(bank_calls.intervals(datasets.bank_calls()), DAYS)
        now = wall_clock()
        calls = bank_calls.calls(intervals, bank_calls.shift_to_end_at(intervals, now + LIVE_MILLISECONDS))
        file = self._folder / "bank_calls.ndjson"
        calls.filter(pl.col("time") <= now).write_ndjson(file)
        self._import(ImportOrder([file], bank_calls.STREAM))
        return calls.filter(pl.col("time") > now)

    def _replay_pizzas(self) -> None:
        file = self._folder / "pizzaplace.csv"
        datasets.pizzaplace().write_csv(file)
        self._import(ImportOrder([file], PIZZAS, as_of=wall_clock()))

    @property
    def _folder(self) -> Path:
        folder = self._settings.data_dir / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _import(self, order: ImportOrder) -> None:
        began = time.monotonic()
        result = run_import(self._settings, self._catalogue, order, self._console, self._stop)
        self._written[order.stream] = result.accepted
        took = time.monotonic() - began
        self._report.line("replayed", f"{result.accepted:,} {order.stream} of {order.files[0].stem} in {took:.1f} s")

    def _first_value(self, api: ApiClient) -> float:
        """Wait for a value that is there; the moment by the monotonic clock."""
        deadline = time.monotonic() + FIRST_VALUE_SECONDS
        while True:
            self._stop.raise_if_requested()
            self._installation.check()
            try:
                found = next((value for value in api.values() if value.value is not None), None)
            except ServiceError:
                found = None
            if found is not None:
                now = time.monotonic()
                self._report.line("live", f"first value after {now - self._began:.0f} s")
                return now
            if time.monotonic() > deadline:
                raise CommandFailed(f"no value after {FIRST_VALUE_SECONDS:.0f} s; `kpi status` and the logs say more")
            time.sleep(0.1)

    def _close(self, api: ApiClient) -> None:
        status = self._drained(api)
        self._console.print()
        self._console.print(watching.table(watching.Board(api).refresh(), self._console.width))
        self._console.print()
        self._console.print(books.summary(status))
        if wrong := [*books.mistakes(status), *unaccounted(status, self._written)]:
            raise CommandFailed("\n".join(["the books do not add up:", *(f"  {line}" for line in wrong)]))
        self._console.print("In every partition, what was consumed is the sum of its fates.", style="green")
        for stream, written in self._written.items():
            self._console.print(f"{stream}: {written:,} sent, {written:,} counted.", style="green")

    def _drained(self, api: ApiClient) -> Status:
        """The status once everything was read and counted, or as it is when time is up."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while True:
            status = api.status()
            if not unaccounted(status, self._written) or time.monotonic() > deadline:
                return status
            time.sleep(0.2)


def unaccounted(status: Status, written: dict[str, int]) -> list[str]:
    """What was written and has not ended as aggregated, by stream; and records that no fate accounts for, by partition.

    Nothing was there before the demo, so the position of a partition is the number of its records.
    """
    topics = books.topics(status)
    wrong = [
        f"{topic.topic}/{topic.partition}: {topic.end} written, {topic.position} read, {accounted} accounted for"
        for topic in topics
        for accounted in [sum(topic.fates.values()) + (topic.marks or 0)]
        if not topic.end == topic.position == accounted
    ]
    for stream, count in written.items():
        counted = sum(topic.fates["aggregated"] for topic in topics if topic.topic == stream_topic(stream))
        if counted != count:
            wrong.append(f"{stream}: {count} sent, {counted} counted")
    return wrong
