"""The plain step of each body that `tests/property/bodies/declarations.yaml` declares, written by hand from it."""

from collections.abc import Callable, Iterable

from tests.oracle.by_lane import basket, crossing
from tests.oracle.events import Event, does
from tests.oracle.steps.complete import Awaited, Waited
from tests.oracle.steps.courses import Course, Stages
from tests.oracle.steps.entity import EntityStep, Signed, carried, level
from tests.oracle.steps.episodes import Episodes, Spells
from tests.oracle.steps.firsts import Firsts, Set
from tests.oracle.steps.holdings import Held, Holdings
from tests.oracle.steps.lasts import Lasts, Word
from tests.oracle.steps.latest import Latest, Replaced
from tests.oracle.steps.openings import Open, Openings
from tests.oracle.steps.pairs import Pairing, Pairs
from tests.oracle.steps.sets import Sets, Slot
from tests.oracle.steps.statements import Said, Statements
from tests.oracle.steps.taken import Placed, Taken
from tests.oracle.units import shared, unit

SECOND_DAY = 86_400_000
"""1970-01-02, from when on the third target is in force."""


def _one(_: Event) -> int:
    return 1


def _no(_: Event) -> tuple[()]:
    return ()


def deadline(opened: Event) -> int:
    """The most specific target that was in force wins, then the latest."""
    if opened.fields["team"] == "south":
        return opened.time + 3
    return opened.time + (9 if opened.time >= SECOND_DAY else 6)


def _response(_: int | None, states: Set) -> Iterable[Signed]:
    opened, replied = states.get("opened"), states.get("replied")
    if opened is None:
        return
    due = deadline(opened)
    team = opened.fields["team"]
    if replied is not None:
        dimensions = (replied.fields["team"], team)
        yield Signed("response", replied.time, dimensions, replied.time - opened.time, 1)
    if replied is not None and replied.time <= due:
        yield Signed("within_target", replied.time, (team,), 1, 1)
    else:
        yield Signed("within_target", due, (team,), 0, 1)


def response() -> EntityStep:
    """First response, and whether it came within the target."""
    firsts = Firsts({"opened": (does("opened"), None), "replied": (does("replied"), "opened")})
    return EntityStep((firsts,), _response, forget_after=20)


def _classified(_: int | None, kind: Word, word: Word, place: Word) -> Iterable[Signed]:
    if kind.after is not None:
        yield Signed("classified", kind.after.time, carried(kind.event, "team"), 1, 1)
    if word.after is not None and word.event is not None:
        yield Signed("last_word", word.event.time, carried(word.event, "team"), word.event.time - word.after.time, 1)
    if place.after is not None:
        yield Signed("placed_by", deadline(place.after), carried(place.event, "team"), 1, 1)
    for reversal in place.since.reversals:
        yield Signed("placed_by", deadline(reversal), (None,), 1, -1)


def classified() -> EntityStep:
    """What a ticket was last said to be, the last that was said of a reply, and where it was by the deadline."""
    kind = Lasts(does("opened", "moved"), until=lambda opened: opened.time + 7, sets=does("opened"))
    words, places, replied, note = does("replied", "resolved"), does("moved", "resolved"), does("replied"), does("note")
    word = Lasts(words, until=lambda reply: reply.time + 6, sets=replied, clears=note, reversible=5)
    place = Lasts(places, until=deadline, sets=replied, clears=note, reversible=5)
    return EntityStep((kind, word, place), _classified, forget_after=30)


def _resolution(until: int | None, held: Held) -> Iterable[Signed]:
    for episode in held.episodes:
        if episode.ended is not None:
            dimensions = carried(episode.event, "team")
            yield Signed("resolution", episode.ended, dimensions, episode.ended - episode.started, 1)
            yield Signed("first_contact", episode.ended, (), int(episode.times == 1), 1)
    yield from level("backlog", held.all_edges(until), lambda event: carried(event, "team"), _one)


def resolution() -> EntityStep:
    """Resolution with reopenings, first contact, and the backlog with its moves."""
    holdings = Holdings(does("opened", "reopened"), does("resolved"), renews=does("moved"), within=7)
    return EntityStep((holdings,), _resolution, forget_after=30)


def _handled(until: int | None, state: Spells) -> Iterable[Signed]:
    for spell in state.spells:
        if spell.ended is not None:
            dimensions = (*carried(spell.event, "team"), str(int(spell.followed)))
            value = 10 * spell.counts["replies"] + spell.counts["words"]
            yield Signed("handled", spell.ended, dimensions, value, 1)
            yield Signed("spell", spell.ended, (), spell.ended - spell.started, 1)
    yield from level("handling", state.all_edges(until), lambda event: carried(event, "team"), _one)


def handled() -> EntityStep:
    """What is counted in an episode, what drops it, and what follows it."""
    counting = {"replies": does("replied"), "words": does("replied", "resolved", "opened")}
    episodes = Episodes(
        does("opened", "reopened"),
        does("resolved"),
        drops=does("moved"),
        counting=counting,
        follows=does("note"),
        within=7,
    )
    return EntityStep((episodes,), _handled, forget_after=30)


def _served(_: int | None, state: Spells) -> Iterable[Signed]:
    for spell in state.spells:
        if spell.ended is not None:
            yield Signed("served", spell.ended, carried(spell.event, "team"), spell.counts["replies"], 1)


def served() -> EntityStep:
    """The same, of episodes that end once and for all."""
    counting = {"replies": does("replied")}
    drops, renews = does("moved"), does("reopened")
    episodes = Episodes(does("opened"), does("resolved"), drops=drops, renews=renews, counting=counting)
    return EntityStep((episodes,), _served, forget_after=30)


def _lead(_: int | None, pairs: Pairs) -> Iterable[Signed]:
    for opening, closed in pairs.pairs:
        yield Signed("lead", opening.time, carried(opening, "region"), int(closed is not None), 1)
    for closing, of in pairs.closings:
        if of is None:
            yield Signed("unmatched", closing.time, (), closing.fields["score"], 1)
        else:
            yield Signed("matched", closing.time, carried(of, "region"), closing.fields["score"], 1)


def lead() -> EntityStep:
    """Conversion over two streams, and what belongs to no lead."""
    return EntityStep((Pairing(does("created"), does("won"), within=15),), _lead, forget_after=40)


def _overlapping(openings: Openings, names: tuple[str, str, str]) -> EntityStep:
    """Whether each opening was closed, how long that took, and to which opening each closing belongs."""
    each, closed, closing = names

    def out(_: int | None, state: Open) -> Iterable[Signed]:
        for pair in state.pairs:
            opened = pair.event
            yield Signed(each, opened.time, carried(opened, "region"), int(pair.closed is not None), 1)
            if pair.closed is not None:
                yield Signed(closed, pair.closed.time, (), pair.closed.time - opened.time, 1)
        for event in state.closings:
            dimensions = carried(openings.opening(state, event), "region")
            yield Signed(closing, event.time, dimensions, event.fields["score"], 1)

    return EntityStep((openings,), out, forget_after=40)


def contact() -> EntityStep:
    """Every opening, and what closes it."""
    openings = Openings(does("created"), does("won"), within=12)
    return _overlapping(openings, ("contact", "answered", "attributed"))


def sale() -> EntityStep:
    """The same, where leads are merged and deals reverted."""

    def deal(event: Event) -> object:
        return event.fields["deal_id"] if event.stream == "trade.deal" else None

    taking = {"unless": does("merged"), "unclosed": does("reverted"), "per": deal}
    openings = Openings(does("created"), does("won"), within=12, **taking)
    return _overlapping(openings, ("sale", "sold", "credited"))


def _customer(_: int | None, states: Set) -> Iterable[Signed]:
    if (bought := states.get("bought")) is not None:
        yield Signed("new_customer", bought.time, carried(bought, "market"), 1, 1)


def customer() -> EntityStep:
    """First ever."""
    return EntityStep((Firsts({"bought": (does("placed"), None)}),), _customer, forget_after=None)


def _newcomer(_: int | None, placed: Placed) -> Iterable[Signed]:
    if placed:
        yield Signed("newcomer", placed[0].time, carried(placed[0], "market"), 1, 1)


def newcomer() -> EntityStep:
    """First ever of the orders that are not cancelled."""
    return EntityStep((Taken(does("placed"), does("cancelled"), "order_id", within=12),), _newcomer, forget_after=None)


def _complete(_: int | None, waited: Waited) -> Iterable[Signed]:
    if waited.event is not None:
        yield Signed("complete", waited.event.time, carried(waited.event, "market"), 1, 1)


def complete() -> EntityStep:
    """When all orders that were placed are done."""
    return EntityStep((Awaited(does("cancelled", "note"), does("placed"), "order_id"),), _complete, forget_after=30)


def _course(_: int | None, course: Course) -> Iterable[Signed]:
    for stay in course.stays:
        yield Signed("entered", stay.entered, (stay.stage,), 1, 1)
        if stay.left is not None:
            yield Signed("forward", stay.left, (stay.stage, stay.event.fields["team"]), int(stay.forward), 1)
            yield Signed("spent", stay.left, (stay.stage,), stay.spent, 1)


def course() -> EntityStep:
    """Stages."""
    stages = {"one": does("first"), "two": does("second"), "three": does("third")}
    return EntityStep((Stages(stages, does("won"), does("lost"), within=10),), _course, forget_after=40)


def _machine(until: int | None, busy: Said, scheduled: Said, project: Said, team: Said) -> Iterable[Signed]:
    yield from level("busy", busy.all_edges(until), _no, _one)
    yield from level("scheduled", scheduled.all_edges(until), _no, _one)
    by_project = project.all_edges(until)
    yield from level("by_project", by_project, lambda event: carried(event, "project_id", "team"), _one)
    yield from level("by_team", team.all_edges(until), lambda event: carried(event, "team"), _one)


def machine() -> EntityStep:
    """The union of intervals, and each by itself."""

    def busy(event: Event) -> bool:
        return bool(event.fields["state"] == "busy")

    def scheduled(event: Event) -> bool:
        return bool(event.fields["state"] != "off")

    per = "project_id"
    parts = (
        Statements(busy, per),
        Statements(scheduled, per),
        Statements(busy, per, each=True, carrying=("team",)),
        Statements(busy, per, carrying=("team",)),
    )
    return EntityStep(parts, _machine, forget_after=60)


def stock() -> EntityStep:
    """Readings that hold until the next."""
    latest = Latest(lambda event: event.fields["value"] >= 0)

    def out(until: int | None, readings: Replaced) -> Iterable[Signed]:
        edges = latest.all_edges(readings, until)
        yield from level("stock", edges, lambda event: carried(event, "site"), lambda event: int(event.fields["value"]))
        yield from level("known", edges, _no, _one)

    return EntityStep((latest,), out, forget_after=None)


def _order(_: int | None, slot: Slot) -> Iterable[Signed]:
    standing = [(slot.event, 1)] if slot.event is not None and not slot.cleared else []
    for event, sign in [*standing, *((reversal, -1) for reversal in slot.reversals)]:
        dimensions = carried(event, "customer_id", "market")
        yield Signed("orders", event.time, dimensions, event.fields["amount"], sign)


def order() -> EntityStep:
    """Orders of a customer, that can be cancelled."""
    return EntityStep((Sets(does("placed"), does("cancelled"), within=12),), _order, forget_after=30)


def respondent() -> EntityStep:
    """The last answer of the trailing time, as a level."""
    latest = Latest(does("answered"), lasting=9)

    def out(until: int | None, answers: Replaced) -> Iterable[Signed]:
        edges = latest.all_edges(answers, until)
        yield from level("answers", edges, _no, _one)
        yield from level(
            "scores", edges, lambda event: carried(event, "team"), lambda event: int(event.fields["score"])
        )

    return EntityStep((latest,), out, forget_after=40)


def _amended(until: int | None, states: Set, held: Held) -> Iterable[Signed]:
    opened, replied = states.get("opened"), states.get("replied")
    if opened is not None and replied is not None:
        yield Signed("response", replied.time, carried(replied, "team"), replied.time - opened.time, 1)
    yield from level("backlog", held.all_edges(until), lambda event: carried(event, "team"), _one)


def amended() -> EntityStep:
    """Response and backlog of tickets whose records may be voided and corrected."""
    firsts = Firsts({"opened": (does("opened"), None), "replied": (does("replied"), "opened")})
    holdings = Holdings(does("opened", "reopened"), does("resolved"), renews=does("moved"))
    return EntityStep((firsts, holdings), _amended, forget_after=25)


LEVELS = frozenset(
    (
        *("backlog", "handling", "busy", "scheduled", "by_project", "by_team", "stock", "known", "answers", "scores"),
        *("open", "said", "paused", "resting"),
    )
)
"""The contributions that are levels."""

STEPS: dict[str, Callable[[], EntityStep]] = {
    step.__name__: step
    for step in (
        response,
        classified,
        resolution,
        handled,
        served,
        lead,
        contact,
        sale,
        customer,
        newcomer,
        complete,
        basket,
        crossing,
        course,
        machine,
        unit,
        shared,
        stock,
        order,
        respondent,
        amended,
    )
}
