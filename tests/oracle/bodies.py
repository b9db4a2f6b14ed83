"""The plain step of each body that `tests/property/bodies/declarations.yaml` declares, written by hand from it."""

from collections.abc import Callable, Iterable

from tests.oracle.events import Event
from tests.oracle.steps.courses import Course, Stages
from tests.oracle.steps.entity import EntityStep, Signed, carried, level
from tests.oracle.steps.firsts import Firsts, Set
from tests.oracle.steps.holdings import Held, Holdings
from tests.oracle.steps.latest import Latest, Replaced
from tests.oracle.steps.pairs import Pairing, Pairs
from tests.oracle.steps.sets import Sets, Slot
from tests.oracle.steps.statements import Said, Statements
from tests.oracle.steps.taken import Placed, Taken

SECOND_DAY = 86_400_000
"""1970-01-02, from when on the third target is in force."""


def _does(*actions: str) -> Callable[[Event], bool]:
    wanted = frozenset(actions)
    return lambda event: event.fields["action"] in wanted


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
    firsts = Firsts({"opened": (_does("opened"), None), "replied": (_does("replied"), "opened")})
    return EntityStep((firsts,), _response, forget_after=20)


def _resolution(until: int | None, held: Held) -> Iterable[Signed]:
    for episode in held.episodes:
        if episode.ended is not None:
            dimensions = carried(episode.event, "team")
            yield Signed("resolution", episode.ended, dimensions, episode.ended - episode.started, 1)
            yield Signed("first_contact", episode.ended, (), int(episode.times == 1), 1)
    yield from level("backlog", held.all_edges(until), lambda event: carried(event, "team"), _one)


def resolution() -> EntityStep:
    """Resolution with reopenings, first contact, and the backlog with its moves."""
    holdings = Holdings(_does("opened", "reopened"), _does("resolved"), renews=_does("moved"), within=7)
    return EntityStep((holdings,), _resolution, forget_after=30)


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
    return EntityStep((Pairing(_does("created"), _does("won"), within=15),), _lead, forget_after=40)


def _customer(_: int | None, states: Set) -> Iterable[Signed]:
    if (bought := states.get("bought")) is not None:
        yield Signed("new_customer", bought.time, carried(bought, "market"), 1, 1)


def customer() -> EntityStep:
    """First ever."""
    return EntityStep((Firsts({"bought": (_does("placed"), None)}),), _customer, forget_after=None)


def _newcomer(_: int | None, placed: Placed) -> Iterable[Signed]:
    if placed:
        yield Signed("newcomer", placed[0].time, carried(placed[0], "market"), 1, 1)


def newcomer() -> EntityStep:
    """First ever of the orders that are not cancelled."""
    return EntityStep(
        (Taken(_does("placed"), _does("cancelled"), "order_id", within=12),), _newcomer, forget_after=None
    )


def _course(_: int | None, course: Course) -> Iterable[Signed]:
    for stay in course.stays:
        yield Signed("entered", stay.entered, (stay.stage,), 1, 1)
        if stay.left is not None:
            yield Signed("forward", stay.left, (stay.stage, stay.event.fields["team"]), int(stay.forward), 1)
            yield Signed("spent", stay.left, (stay.stage,), stay.spent, 1)


def course() -> EntityStep:
    """Stages."""
    stages = {"one": _does("first"), "two": _does("second"), "three": _does("third")}
    return EntityStep((Stages(stages, _does("won"), _does("lost"), within=10),), _course, forget_after=40)


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
    return EntityStep((Sets(_does("placed"), _does("cancelled"), within=12),), _order, forget_after=30)


def respondent() -> EntityStep:
    """The last answer of the trailing time, as a level."""
    latest = Latest(_does("answered"), lasting=9)

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
    firsts = Firsts({"opened": (_does("opened"), None), "replied": (_does("replied"), "opened")})
    holdings = Holdings(_does("opened", "reopened"), _does("resolved"), renews=_does("moved"))
    return EntityStep((firsts, holdings), _amended, forget_after=25)


LEVELS = frozenset({"backlog", "busy", "scheduled", "by_project", "by_team", "stock", "known", "answers", "scores"})
"""The contributions that are levels."""

STEPS: dict[str, Callable[[], EntityStep]] = {
    step.__name__: step
    for step in (response, resolution, lead, customer, newcomer, course, machine, stock, order, respondent, amended)
}
