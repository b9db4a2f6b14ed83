"""A join of which one stream stands still."""

from collections.abc import Sequence

from tests.brokers.waiting import until
from tests.chaos.arena import Arena
from tests.chaos.declared import DEALS, HOUR, JOINED, LEADS, MINUTE
from tests.chaos.scenario import scenario

SPAN = HOUR
STOPPED = (0.6, 0.6 + 10 * MINUTE / SPAN)
AHEAD = 5 * MINUTE
AHEAD_SECONDS = 120.0
UNIT = "lead/"


@scenario(
    "stopped-stream",
    times=4,
    fewer=2,
    load={"span": SPAN, "preloaded": 0.3, "late": 0.0, "taken_back": 0.0, "withheld": {DEALS: STOPPED}},
    sentence="One of two joined streams stands still for ten minutes of event time.",
)
def stopped_stream(arena: Arena) -> None:
    """The join waits for it, however far the other one is, also across the death of workers; and drops nothing."""
    live, end = arena.load.live, arena.load.options.begin + int(SPAN * STOPPED[1])
    share = sum(message.due < end for message in live) / len(live)
    for number in arena.faults():
        # Until the join was seen to wait, nothing of what it waits for is sent.
        if number == 0:
            arena.feed.allow(share)
            until(lambda: _ahead(arena) >= AHEAD, AHEAD_SECONDS, "leads are minutes ahead of deals")
            arena.say(f"leads are {_ahead(arena) / MINUTE:.1f} minutes ahead of deals")
        worker = arena.pick()
        worker.kill()
        arena.note(f"kill -9 of {worker}")
        arena.replace(worker)
    arena.checks.append(lambda: _dropped(arena))


def _ahead(arena: Arena) -> int:
    """By how many milliseconds the join has heard more of leads than of deals, where it has heard the most."""
    found = [0]
    for task, progress in dict(arena.follower.progress).items():
        if task.startswith(UNIT):
            leads, deals = (progress.topics.get(JOINED[topic]) for topic in (LEADS, DEALS))
            if leads and deals and leads.watermark is not None and deals.watermark is not None:
                found.append(leads.watermark - deals.watermark)
    return max(found)


def _dropped(arena: Arena) -> Sequence[str]:
    standings = [standing for progress in arena.follower.progress.values() for standing in progress.topics.items()]
    late = {topic: sum(each.fates["late"] for name, each in standings if name == topic) for topic in (LEADS, DEALS)}
    return [f"{count} records of {topic} were dropped as late" for topic, count in late.items() if count]
