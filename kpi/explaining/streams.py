"""Streams in words: what they are called, and which of their events are late, corrected or closed."""

from collections.abc import Iterator

from kpi.explaining.expressions import condition
from kpi.explaining.words import listed, plain, quoted, sentence, span
from schemas.closings import Closing
from schemas.streams import Stream


def called(stream: Stream) -> str:
    """The name by which people know it."""
    return quoted(stream.title or stream.stream)


def described(stream: Stream) -> str:
    """What it is, with the name by which machines know it."""
    named = f"{called(stream)} (stream {stream.stream})" if stream.title else f"the stream {quoted(stream.stream)}"
    return sentence(f"{named}: {stream.sentence[:1].lower()}{stream.sentence[1:]}" if stream.sentence else named)


def looked_up(stream: Stream) -> Iterator[str]:
    """What is looked up for its events."""
    for name, attribute in stream.attributes.items():
        table = "a list" if attribute.in_ is None else f"the table {quoted(plain(attribute.in_))}"
        yield sentence(f"the {plain(name)} of {called(stream)} is looked up by their {plain(attribute.by)} in {table}")


def late(stream: Stream) -> Iterator[str]:
    """Which of its events come too late, and which are corrected."""
    name, lateness = called(stream), span(stream.lateness)
    if stream.closing is not None:
        closing = stream.closing
        by = f"an event for which {condition(closing.where)}, up to its day {quoted(plain(closing.through))}"
        yield f"What {name} say of a day that its {plain(closing.per)} has closed. Days are closed by {by}."
    if stream.recorded:
        yield f"What was recorded in {name} and then replaced, by an event that names it."
        return
    yield (
        f"An event of {name} that comes more than {lateness} behind those that came before it: it is late, put aside, "
        "and changes nothing."
    )
    if stream.corrections is not None:
        yield (
            f"An event of {name} may be corrected or voided for {span(stream.corrections)}; then it counts with the "
            "corrected values, or not at all. What is said later is late."
        )


def closed_by(closing: Closing) -> str:
    """Who has to close a day."""
    return listed(closing.of) if closing.of else f"every {plain(closing.per)} that was heard of"
