"""One run: a broker, workers, a load, faults; then everything is counted and compared."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from kpi.planning import plan
from kpi.topology import PANES_PARTITIONS, topic_specs
from schemas.kpis import Catalogue
from schemas.topics import PANES
from services.runtime.catalogue import load as load_catalogue
from services.runtime.kafka import KafkaConnection
from services.runtime.topics import ensure_topics
from tests.brokers.cluster import KafkaCluster
from tests.brokers.compaction import create_eagerly_compacted
from tests.brokers.waiting import run
from tests.chaos.declared import CATALOGUE, JOINED, TOPICS
from tests.chaos.load import Load, LoadOptions, Message, draw
from tests.chaos.reading import Follower, read_panes
from tests.chaos.scenario import Scenario
from tests.chaos.sending import Feed, send
from tests.chaos.verify import Outcome, Truth, read_truth, verify
from tests.chaos.workers import ChaosWorker, environment

FLUSH_INTERVAL = 0.2
READY_SECONDS = 60.0
SETTLE_SECONDS = 180.0
SETTLE_PER_EVENT = 0.0005
STILL_SECONDS = 1.0
POLL_SECONDS = 0.25
LAST_WORDS = 3

Check = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a run is. `short`: with fewer faults."""

    events: int = 400_000
    seconds: float = 120.0
    short: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run."""

    scenario: str
    seed: int
    outcome: Outcome
    faults: int
    flushes: int
    take_overs: int
    seconds: float


@dataclass(slots=True)
class Arena:
    """What a scenario works with. `cluster` is None where the broker is not its own to break."""

    scenario: Scenario
    seed: int
    size: Size
    kafka: KafkaConnection
    folder: Path
    cluster: KafkaCluster | None = None
    replication: int = 1
    special: Mapping[str, str] = field(default_factory=dict)
    catalogue: Path = field(init=False)
    declared: Catalogue = field(init=False)
    random: Random = field(init=False)
    load: Load = field(init=False)
    workers: list[ChaosWorker] = field(default_factory=list)
    """Those that are to run. One that is replaced leaves this list."""
    checks: list[Check] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOPICS, 0))
    """Confirmed records by topic."""
    feed: Feed = field(init=False)
    follower: Follower = field(init=False)
    noted: int = 0
    _started: list[ChaosWorker] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.scenario.name} {self.seed}")
        self.catalogue = _catalogue(self.folder / "catalogue", self.scenario.streams)
        self.declared = load_catalogue([self.catalogue], default=False)
        stated = self.scenario.load
        odd = stated(self.size) if callable(stated) else stated
        options = LoadOptions(**{"events": self.size.events, "seconds": self.size.seconds, **odd})
        self.load = draw(self.seed, options)
        self.feed = Feed(self.kafka, self.load.live, options.seconds)
        self.follower = Follower(self.kafka)

    # What a scenario asks for

    def say(self, words: str) -> None:
        """Prints what happens, with the time since the beginning."""
        print(f"[{time.monotonic() - self._began:6.1f}] {words}", flush=True)

    def note(self, fault: str) -> None:
        """Counts a fault, and prints it."""
        self.noted += 1
        self.say(fault)

    def sleep(self, seconds: float) -> None:
        """Lets time go by."""
        time.sleep(seconds)

    def faults(self, times: int | None = None) -> Iterator[int]:
        """The numbers of the faults, each at its moment: evenly over what is left of the live traffic."""
        count = times or (self.scenario.fewer if self.size.short else self.scenario.times)
        gap, began = self.size.seconds / count, time.monotonic()
        for number in range(count):
            self.feed.allow((number + 1) / count)
            yield number
            time.sleep(max(0.0, began + (number + 1) * gap - time.monotonic()))

    def gap(self) -> float:
        """Seconds from one fault to the next."""
        return self.size.seconds / (self.scenario.fewer if self.size.short else self.scenario.times)

    def spawn(self, **special: str) -> ChaosWorker:
        """Starts a further worker. `special`: `CHAOS_…` variables of it alone. It is not one of `workers`."""
        address = {"kafka_bootstrap_servers": self.kafka.bootstrap_servers, "data_dir": self.folder / "data"}
        catalogue = {"catalogue": self.catalogue, "default_catalogue": False, "flush_interval": FLUSH_INTERVAL}
        stated = environment({**address, **catalogue, **self.scenario.settings}, {**self.special, **special})
        worker = ChaosWorker(len(self._started) + 1, stated, self.folder)
        self._started.append(worker)
        return worker

    def pick(self) -> ChaosWorker:
        """One of the workers."""
        return self.random.choice(self.workers)

    def replace(self, worker: ChaosWorker, **special: str) -> ChaosWorker:
        """Starts a worker in the place of one that has ended."""
        fresh = self.spawn(**special)
        self.workers[self.workers.index(worker)] = fresh
        return fresh

    def add(self, messages: Sequence[Message]) -> None:
        """Sends further messages to source topics, all at once, and counts them."""
        run(send(self.kafka, messages))
        self.count(messages)

    def count(self, messages: Sequence[Message]) -> None:
        """Messages to source topics that were sent in some other way."""
        for message in messages:
            self.sent[message.topic] = self.sent.get(message.topic, 0) + 1

    # The run

    def play(self) -> Result:
        """Everything, from the topics to the comparison; leaves no process behind."""
        print(f"CHAOS_SEED={self.seed} scenario={self.scenario.name}: {self.scenario.sentence}", flush=True)
        try:
            self._begin()
            self.scenario.run(self)
            self._finish()
            outcome = self._compare()
        finally:
            for worker in self._started:
                worker.kill()
            self.follower.stop()
        took = time.monotonic() - self._began
        self.say(f"{'EXACT' if outcome.exact else 'WRONG'}: {outcome.records} records, {outcome.cells} values")
        for difference in outcome.differences:
            print(f"  {difference}", flush=True)
        return Result(
            self.scenario.name, self.seed, outcome, self.noted, self.follower.flushes, self.follower.claims, took
        )

    def _begin(self) -> None:
        create_eagerly_compacted(self.kafka, PANES, PANES_PARTITIONS, self.replication)
        run(ensure_topics(self.kafka, topic_specs(self.declared), self.replication))
        began = time.monotonic()
        self.add(self.load.preloaded)
        took, count = time.monotonic() - began, len(self.load.preloaded)
        self.say(f"{count} records are there, {count / took:,.0f} a second")
        self.follower.start()
        self.workers = [self.spawn() for _ in range(self.scenario.workers)]
        for worker in self.workers:
            worker.until_ready(READY_SECONDS)
        self.feed.start()
        self.say("the workers are ready")

    def _finish(self) -> None:
        self.feed.finish()
        self.count(self.load.live)
        self.say(f"{sum(self.sent.values())} records were sent")
        for worker in self._started:
            worker.disarm()
            worker.go_on()
        for worker in list(self.workers):
            if not worker.running:
                self.replace(worker)

    def _settled(self) -> bool:
        return all(self.follower.settled(topic) >= count for topic, count in self.sent.items())

    def _compare(self) -> Outcome:
        patience = SETTLE_SECONDS + SETTLE_PER_EVENT * sum(self.sent.values())
        self._until(self._settled, patience)
        self.say("everything is counted" if self._settled() else f"not everything is counted after {patience:.0f} s")
        truth = self._truth()
        self._until(lambda: self._copies_settled(truth), READY_SECONDS)
        if self._may_be_silent:
            # Silence goes on, and with it the watermarks.
            for worker in self.workers:
                worker.terminate()
            truth = self._truth()
        self._until_still()
        unready = [] if self._may_be_silent else [w for w in self.workers if not w.until_ready(READY_SECONDS)]
        outcome = verify(self.kafka, plan(self.declared), truth, self.sent)
        for check in self.checks:
            for words in check():
                outcome.differs(self.scenario.name, words)
        for worker in unready:
            outcome.differs("workers", f"{worker} is not ready")
        for worker in self._started:
            if not worker.running and not worker.expected:
                last = " | ".join(worker.log.read_text(errors="replace").splitlines()[-LAST_WORDS:])
                outcome.differs("workers", f"{worker} ended with {worker.process.returncode}: {last}")
        return outcome

    @property
    def _may_be_silent(self) -> bool:
        """As the catalogue has it, no partition is silent for long enough to be idle."""
        return "idle_timeout" in self.scenario.streams

    def _truth(self) -> Truth:
        marks = read_panes(self.kafka).marks if self._may_be_silent else []
        return read_truth(self.kafka, marks, self.scenario.streams.get("partitioner", "murmur2"))

    def _copies_settled(self, truth: Truth) -> bool:
        wanted = {JOINED[topic]: sum(sum(part.values()) for part in truth.joined(topic)) for topic in JOINED}
        return all(self.follower.settled(topic) >= count for topic, count in wanted.items())

    def _until_still(self) -> None:
        """Waits until nothing is written any more."""
        before, since = self.follower.flushes, time.monotonic()
        end = since + READY_SECONDS
        while time.monotonic() - since < STILL_SECONDS and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            if self.follower.flushes != before:
                before, since = self.follower.flushes, time.monotonic()

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Waits for it; where it does not come, the comparison tells what is missing."""
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(POLL_SECONDS)


def _catalogue(folder: Path, streams: Mapping[str, Any]) -> Path:
    """The declarations in a folder of the run's own, where all streams may be declared otherwise."""
    documents = [
        {**document, **streams} if "stream" in document else document
        for file in sorted(CATALOGUE.glob("*.yaml"))
        for document in yaml.safe_load_all(file.read_text())
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False))
    return folder
