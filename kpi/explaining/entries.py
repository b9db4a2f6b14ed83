"""What measures are taken of, in words: events, what a stream contributes of them, and what an entity does."""

from collections.abc import Iterator

from kpi.explaining.expressions import Terms, condition, value
from kpi.explaining.states import States
from kpi.explaining.streams import called
from kpi.explaining.terms import terms_of
from kpi.explaining.words import amount, listed, one, plain, quoted, sentence, span
from kpi.sources import OfEntity, OfPart, OfStream, Source
from schemas.entities import Contribution, Deadline, Elapsed, Entity, TargetValue
from schemas.kpis import Catalogue
from schemas.parts import FatesPart, Spread, StreamPart
from schemas.streams import Stream


def things(source: Source, name: str) -> str:
    """What is counted, in the plural: `events of “Sales calls”`, `entries “won” of “deal”`. `name`: the source's."""
    match source:
        case OfStream(stream):
            return f"events of {called(stream)}"
        case OfPart(stream):
            return f"entries {quoted(plain(name.rpartition('.')[2]))} of {called(stream)}"
        case OfEntity(entity):
            return f"entries {quoted(plain(name.rpartition('.')[2]))} of each {plain(entity.entity)}"


def made_of(catalogue: Catalogue, source: Source, name: str, *, worth: bool) -> Iterator[str]:
    """How its entries come to be, in whole sentences; nothing for events, which are what they are. `worth`: and what
    they are worth, since somebody asks more than how many there are.
    """
    entry = quoted(plain(name.rpartition(".")[2]))
    match source:
        case OfPart(stream, FatesPart()):
            yield sentence(f"an entry {entry} is made of each record of {called(stream)}, dated by when it arrived")
        case OfPart(stream, part):
            yield _of_part(entry, stream, part, worth=worth)
        case OfEntity(entity, contribution):
            yield _of_contribution(entry, entity, contribution, worth=worth)
            yield _of_key(entity, catalogue)
            yield from (States(entity, catalogue.streams).told(state) for state in states_read(entity, contribution))
            read = names_read(entity, contribution)
            for each, deadline in entity.deadlines.items():
                if each in read:
                    yield _of_deadline(each, deadline, catalogue)
            for each, elapsed in entity.durations.items():
                if each in read:
                    yield _of_duration(each, elapsed, entity, catalogue)
        case OfStream():
            return


def names_read(entity: Entity, contribution: Contribution) -> frozenset[str]:
    """The names that the contribution's expressions may read: those of which the text stands in one of them."""
    return entity.with_moments(_words_in(contribution))


def _words_in(contribution: Contribution) -> frozenset[str]:
    texts = (
        contribution.at,
        contribution.from_,
        contribution.until,
        contribution.value,
        contribution.where,
        contribution.currency,
    )
    whole = " ".join(text for text in (*texts, *contribution.dimensions.values()) if text)
    return frozenset("".join(each if each.isalnum() or each == "_" else " " for each in whole).split())


def states_read(entity: Entity, contribution: Contribution) -> list[str]:
    """The states that decide what is contributed, each after those that it follows."""
    read = names_read(entity, contribution)
    of = {contribution.level, contribution.each, contribution.closing}
    anchors = {one.after for name, one in entity.deadlines.items() if name in read}
    wanted = {
        name
        for name in entity.states
        if name in of or name in anchors or any(each == name or each.startswith(f"{name}_") for each in read)
    }
    for name in [*wanted]:
        wanted |= _followed_by(entity, name)
    for name, elapsed in entity.durations.items():
        wanted |= set(elapsed.less) if name in read else set()
    return [name for name in entity.states if name in wanted]


def _followed_by(entity: Entity, name: str) -> set[str]:
    state = entity.states[name]
    above = entity.deadlines[state.by].after if state.by is not None and state.by in entity.deadlines else state.after
    return set() if above is None or above not in entity.states else {above, *_followed_by(entity, above)}


def _of_key(entity: Entity, catalogue: Catalogue) -> str:
    parts = []
    for name in entity.of:
        fields = listed(plain(field) for field in entity.key_of(name))
        parts.append(f"{called(catalogue.streams[name])} with the same {fields}")
    return sentence(f"{one(plain(entity.entity))} is all events of {listed(parts)}")


def _of_contribution(entry: str, entity: Entity, contribution: Contribution, *, worth: bool) -> str:
    terms = terms_of(entity)
    what = one(plain(entity.entity))
    only = f", where {condition(contribution.where, terms)}" if contribution.where else ""
    if contribution.level is not None:
        held = f"stands for as long as {quoted(plain(contribution.level))} is held"
        held += f", from {value(contribution.from_, terms)} on" if contribution.from_ else ""
        held += f", until {value(contribution.until, terms)} at the latest" if contribution.until else ""
        return sentence(f"an entry {entry} {held}{only}{_worth(contribution.value, terms)}")
    if contribution.each is not None:
        many = f"for each {quoted(plain(contribution.each))} of {what}"
    elif contribution.closing is not None:
        many = f"for each event that closes {quoted(plain(contribution.closing))} of {what}"
    else:
        many = f"once for {what}"
    at = value(contribution.at or "", terms)
    return sentence(
        f"an entry {entry} is made {many}{only}, dated by {at}{_worth(contribution.value, terms) if worth else ''}"
    )


def _worth(sql: str, terms: Terms) -> str:
    return f"; it is worth {value(sql, terms)}"


def _of_part(entry: str, stream: Stream, part: StreamPart, *, worth: bool) -> str:
    only = f" for which {condition(part.where)}" if part.where else ""
    if part.spread is not None:
        shared = "and stands in whole on each of the days" if part.spread.whole else "shared out evenly over the days"
        date = f"{shared} {_days(part.spread)} ({_zone(part.spread.zone, stream)})"
    elif part.at is None:
        date = "dated by its own time"
    elif part.at.day is not None:
        date = f"dated by its day {quoted(plain(part.at.day))} ({_zone(part.at.zone, stream)})"
    else:
        date = f"dated by {value(part.at.sql or '')}"
    what = _worth(part.value, {}) if worth else ""
    return sentence(f"an entry {entry} is made of each event of {called(stream)}{only}, {date}{what}")


def _days(spread: Spread) -> str:
    if spread.month is not None:
        return f"of the month of {quoted(plain(spread.month))}"
    return f"from {quoted(plain(spread.from_ or ''))} to {quoted(plain(spread.to or ''))}"


def _zone(zone: str, stream: Stream) -> str:
    return f"in the time zone of its {plain(zone)}" if zone in stream.fields else f"in {zone}"


def _of_deadline(name: str, deadline: Deadline, catalogue: Catalogue) -> str:
    said, after = quoted(plain(name)), quoted(plain(deadline.after))
    if deadline.target is None:
        zone = (
            deadline.zone
            if deadline.zone == "UTC" or "/" in deadline.zone
            else f"the zone of its {plain(deadline.zone)}"
        )
        return sentence(
            f"the deadline {said} is the end of the day in its {plain(deadline.day or '')} at {after}, in {zone}"
        )
    promised = listed(_promised(each) for each in catalogue.targets[deadline.target].values)
    hours = f" of the hours of {_calendar(deadline.calendar, catalogue)}" if deadline.calendar is not None else ""
    return sentence(f"the deadline {said} is {after} and what is promised then{hours}: {promised}")


def _promised(target: TargetValue) -> str:
    where = listed(f"the {plain(field)} is {quoted(value)}" for field, value in target.where.items())
    only = f" where {where}" if target.where else ""
    return f"{amount(target.value or 0, 'seconds')}{only} (since {target.from_})"


def _of_duration(name: str, elapsed: Elapsed, entity: Entity, catalogue: Catalogue) -> str:
    terms = terms_of(entity)
    ends = f"from {value(elapsed.from_, terms)} to {value(elapsed.to, terms)}"
    hours = (
        f", as far as it falls into the hours of {_calendar(elapsed.calendar, catalogue)}" if elapsed.calendar else ""
    )
    less = listed((quoted(plain(each)) for each in elapsed.less), "or")
    without = f", without the time in which {less} is held" if elapsed.less else ""
    return sentence(f"the time {quoted(plain(name))} is that {ends}{hours}{without}")


def _calendar(name: str, catalogue: Catalogue) -> str:
    versions = catalogue.calendars.get(name, ())
    title = next((each.title for each in versions if each.title), "")
    return f"the calendar {quoted(plain(name))}{f' ({title[:1].lower()}{title[1:]})' if title else ''}"


def span_of(part: StreamPart, stream: Stream) -> str | None:
    """How long after its date an event of the part may say it, in words; None where nothing says that."""
    if not part.is_dated or stream.closes(part):
        return None
    return span(part.within)
