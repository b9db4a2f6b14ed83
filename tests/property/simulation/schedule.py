"""One schedule: tasks of both hops in an order that a seed decides, with crashes between their flushes."""

from dataclasses import dataclass
from random import Random

from tests.property.simulation.checks import Auditor
from tests.property.simulation.declared import CORRECTIONS, IDLE_TIMEOUT
from tests.property.simulation.logs import Drawing
from tests.property.simulation.world import Member, World

LEAST_CRASHES = 3
TEARING = 0.25


@dataclass(frozen=True, slots=True)
class Summary:
    """What a schedule was made of."""

    records: int
    flushes: int
    crashes: int


class Schedule:
    """Everything that the seed decides, and everything that is checked."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        corrections = self._random.choice(CORRECTIONS)
        sources = Drawing(self._random, corrections).draw()
        self.records = sources.records
        self._world = World(sources.logs, corrections, transactional=self._random.random() >= TEARING)
        units = self._world.plan.units.values()
        self._members = [Member(self._world, unit.name, number) for unit in units for number in range(unit.partitions)]
        self._auditor = Auditor(self._world, sources)
        self.crashes = 0

    def run(self) -> Summary:
        """Runs it to the end. Raises Differs."""
        random = self._random
        wanted = LEAST_CRASHES + random.choice((0, 0, 1, 2))
        while self.crashes < wanted:
            for _ in range(random.randint(1, 5)):
                self._take(random.choice(self._members))
                if random.random() < 0.35:
                    self._flush(random.choice(self._members))
                elif random.random() < 0.1:
                    self._silence(random.choice(self._members))
            self._crash()
        self._drain()
        self._auditor.finish()
        for member in self._members:
            self._auditor.check(member)
        return Summary(self.records, self._auditor.flushes, self.crashes)

    def _take(self, member: Member) -> None:
        random = self._random
        waiting = [topic for topic in member.task.sources if member.waiting(topic) > 0]
        if waiting:
            member.take(random.choice(waiting), random.choice((1, 7, 20, 40)), random.choice((0, 0, 3)))

    def _flush(self, member: Member, stop: int | None = None) -> None:
        flush = member.flush(stop)
        if flush is not None:
            self._auditor.note(member, flush)
            if self._random.random() < 0.1:
                self._auditor.check(member)

    def _silence(self, member: Member) -> None:
        """One of its topics is silent for a while; the mark of that is written before anything else counts."""
        source = self._random.choice(list(member.task.sources.values()))
        # A log that has been read further is not at its end here: what an owner saw, its successor sees.
        is_end = source.position >= member.reached.get(source.topic, 0)
        if source.last is not None and is_end and not member.is_second_hop:
            now = source.last + IDLE_TIMEOUT + self._random.randrange(2 * IDLE_TIMEOUT)
            member.task.advance_idle(source.topic, now)
            self._flush(member)

    def _crash(self) -> None:
        """Of those that lose something by it, where there are any."""
        dirty = [member for member in self._members if member.dirty]
        member = self._random.choice(dirty or self._members)
        self.crashes += 1
        if self._world.transactional or self._random.random() < 0.4:
            member.start()
        else:
            self._flush(member, stop=self._random.randrange(60))

    def _drain(self) -> None:
        """Reads and flushes everything, until nothing moves any more."""
        moving = True
        while moving:
            moving = False
            self._random.shuffle(self._members)
            for member in sorted(self._members, key=lambda each: each.is_second_hop):
                for topic in member.task.sources:
                    while member.waiting(topic) > 0:
                        member.take(topic, self._random.choice((40, 200)), 0)
                        moving = True
                self._flush(member)


def run(seed: int) -> Summary:
    """The schedule of a seed. Raises Differs."""
    return Schedule(seed).run()
