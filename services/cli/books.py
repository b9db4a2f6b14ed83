"""Where every record ended, as a table, and whether that adds up."""

from collections import Counter
from collections.abc import Iterator

from rich.table import Table

from schemas.answers import Status, TopicStatus
from schemas.wire import FATES
from services.cli.rendering import ABSENT, duration


def topics(status: Status) -> list[TopicStatus]:
    """Every topic partition, by name and number."""
    found = [topic for task in status.tasks for topic in task.topics]
    return sorted(found, key=lambda topic: (topic.topic, topic.partition))


def mistakes(status: Status) -> list[str]:
    """What does not add up, a line a partition: the fates against what was consumed, that against the position."""
    wrong = []
    for topic in topics(status):
        ended = sum(topic.fates.get(fate, 0) for fate in FATES)
        if ended != topic.consumed or topic.consumed > topic.position:
            place = f"{topic.topic} partition {topic.partition}"
            wrong.append(f"{place}: position {topic.position}, consumed {topic.consumed}, under a fate {ended}")
    return wrong


def table(status: Status) -> Table:
    """A row a topic partition that has held records, and the sums. Fates under which nothing ended are left out."""
    used = [topic for topic in topics(status) if topic.end or topic.position]
    sums: Counter[str] = Counter()
    for topic in used:
        sums.update({**topic.fates, "consumed": topic.consumed, "lag": topic.lag_records})
    fates = [fate for fate in FATES if sums[fate]]
    shown = Table(box=None, pad_edge=False, header_style="bold", footer_style="bold", show_footer=True)
    shown.add_column("topic/partition", footer="all", no_wrap=True)
    shown.add_column("watermark", no_wrap=True)
    shown.add_column("lag", justify="right", footer=f"{sums['lag']:,}", no_wrap=True)
    for name in ("consumed", *fates):
        shown.add_column(name, justify="right", footer=f"{sums[name]:,}", no_wrap=True)
    for topic in used:
        lag = f"{topic.lag_records:,}" + (f" ({duration(topic.lag_seconds)})" if topic.lag_seconds else "")
        watermark = topic.watermark[:19] + "Z" if topic.watermark else ABSENT
        numbers = (f"{number:,}" for number in (topic.consumed, *(topic.fates.get(fate, 0) for fate in fates)))
        shown.add_row(f"{topic.topic}/{topic.partition}", watermark, lag, *numbers)
    return shown


def account(status: Status) -> Iterator[str]:
    """Lines below the table: whether the sums add up, and what else people should know."""
    wrong = mistakes(status)
    yield from (f"[red]{line}[/red]" for line in wrong)
    if not wrong:
        yield "[green]The fates add up to what was consumed, in every partition.[/green]"
    if status.missing_tasks:
        yield f"[yellow]{len(status.missing_tasks)} tasks have written nothing yet.[/yellow]"
    if status.view.trouble:
        yield f"[yellow]The api's view: {status.view.trouble}.[/yellow]"
    elif status.view.stale:
        yield "[yellow]The api's view may be behind what has been computed.[/yellow]"
