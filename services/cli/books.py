"""Where every record ended, as a table, and whether that adds up."""

import itertools
from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from schemas.answers import Status, TopicStatus
from schemas.progress import FATES
from services.cli.rendering import ABSENT, duration


def topics(status: Status) -> list[TopicStatus]:
    """Every topic partition, by name and number."""
    found = [topic for task in status.tasks for topic in task.topics]
    return sorted(found, key=lambda topic: (topic.topic, topic.partition))


def mistakes(status: Status) -> list[str]:
    """What the api says does not balance, a line a partition."""
    wrong = []
    for topic in topics(status):
        if not topic.balanced:
            ended = sum(topic.fates.values()) + (topic.marks or 0)
            lost = f", lost {topic.lost}" if topic.lost else ""
            place = f"{topic.topic} partition {topic.partition}"
            wrong.append(f"{place}: position {topic.position}{lost}, consumed {topic.consumed}, under a fate {ended}")
    return wrong


def _events(topic: TopicStatus) -> int:
    """The records read, without marks, which have no fate."""
    return topic.consumed - (topic.marks or 0)


def _own(used: Sequence[TopicStatus]) -> list[TopicStatus]:
    """Without the copies in re-keyed topics, which would count again what is counted where they come from."""
    return [topic for topic in used if topic.marks is None]


def table(status: Status) -> Table:
    """A row a topic partition that has held records, and the sums. Fates under which nothing ended are left out."""
    used = [topic for topic in topics(status) if topic.end or topic.position]
    shown = _table("topic/partition", used)
    for topic in used:
        _row(shown, f"{topic.topic}/{topic.partition}", [topic], used)
    return shown


def summary(status: Status) -> Table:
    """As `table`, a row a topic."""
    used = [topic for topic in topics(status) if topic.end or topic.position]
    shown = _table("topic", used)
    for name, partitions in itertools.groupby(used, lambda topic: topic.topic):
        _row(shown, name, list(partitions), used)
    return shown


def _fates(used: Sequence[TopicStatus]) -> list[str]:
    return [fate for fate in FATES if any(topic.fates.get(fate) for topic in used)]


def _numbers(of: Sequence[TopicStatus], used: Sequence[TopicStatus]) -> list[str]:
    consumed = sum(_events(topic) for topic in of)
    return [f"{number:,}" for number in (consumed, *(sum(t.fates.get(fate, 0) for t in of) for fate in _fates(used)))]


def _table(first: str, used: Sequence[TopicStatus]) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold", footer_style="bold", show_footer=True)
    # Where there is little room, all but the numbers goes on in a second line.
    shown.add_column(first, footer="all", overflow="fold")
    shown.add_column("watermark", overflow="fold")
    shown.add_column("lag", justify="right", footer=f"{sum(topic.lag_records for topic in used):,}", overflow="fold")
    for name, number in zip(("consumed", *_fates(used)), _numbers(_own(used), used), strict=True):
        shown.add_column(name, justify="right", footer=number, no_wrap=True)
    return shown


def _row(shown: Table, name: str, of: Sequence[TopicStatus], used: Sequence[TopicStatus]) -> None:
    seconds = max((topic.lag_seconds or 0 for topic in of), default=0)
    lag = f"{sum(topic.lag_records for topic in of):,}" + (f" ({duration(seconds)})" if seconds else "")
    # The lowest one is what holds a window open.
    watermark = None if any(topic.watermark is None for topic in of) else min(topic.watermark or "" for topic in of)
    shown.add_row(name, f"{watermark[:10]} {watermark[11:19]}Z" if watermark else ABSENT, lag, *_numbers(of, used))


def account(status: Status) -> Iterator[Text]:
    """Lines below the table: whether the sums add up, and what else people should know."""
    wrong = mistakes(status)
    yield from (Text(line, "red") for line in wrong)
    if not wrong:
        yield Text("The fates add up to what was consumed, in every partition.", "green")
    for topic in topics(status):
        if topic.lost:
            place = f"{topic.topic} partition {topic.partition}"
            yield Text(f"{place}: {topic.lost:,} offsets were gone before they were read: retain more.", "yellow")
    if status.missing_tasks:
        yield Text(f"{len(status.missing_tasks)} tasks have written nothing yet.", "yellow")
    yield from _changes(status)
    if status.view.trouble:
        yield Text(f"The api's view: {status.view.trouble}.", "yellow")
    elif status.view.stale:
        yield Text("The api's view may be behind what has been computed.", "yellow")


def _changes(status: Status) -> Iterator[Text]:
    """What a changed catalogue has left behind."""
    for told in status.coverage:
        if not told.rebuild:
            yield Text(f"{told.kpi} is counted from {told.since} on; windows from before have no value.", "yellow")
    if waiting := [told.kpi for told in status.coverage if told.rebuild]:
        yield Text(f"Without a value until they are rebuilt: run `kpi rebuild {' '.join(waiting)}`.", "yellow")
    for digest, tasks in status.other_catalogues.items():
        named = ", ".join(tasks[:3]) + (f" and {len(tasks) - 3} more" if len(tasks) > 3 else "")
        yield Text(
            f"{named}: counted by another catalogue ({digest}) than the api's ({status.catalogue}): restart whichever "
            "has the older one.",
            "yellow",
        )
