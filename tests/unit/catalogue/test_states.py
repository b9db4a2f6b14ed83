"""Mistakes in states of every kind, and in contributions of them."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone, line_of
from tests.unit.catalogue.kinds import KINDS

PREDICATES = {
    "renew": ("renew: action = 'moved'", "renew: acton = 'moved'", "acton"),
    "leave": ("leave: action = 'closed'", "leave: acton = 'closed'", "acton"),
    "clear": ("clear: action = 'dropped'", "clear: acton = 'dropped'", "acton"),
    "stage": ("doing: action = 'staged'", "doing: acton = 'staged'", "acton"),
    "won": ("won: action = 'closed'", "won: acton = 'closed'", "acton"),
    "lost": ("lost: action = 'dropped'", "lost: acton = 'dropped'", "acton"),
    "closes": ("closes: {desk.ticket: action =", "closes: {desk.ticket: acton =", "acton"),
}
LANES = {
    "a lane that one of the streams lacks": Case(
        "per: {desk.ticket: ticket_id}",
        "per: ticket_id",
        (
            "desk.call has no field 'ticket_id', so that all of its records would be of one lane; name the field of "
            "each stream that has one, such as {desk.ticket: ticket_id}"
        ),
    ),
    "unknown stream of a lane": Case(
        "per: {desk.ticket: ticket_id}",
        "per: {desk.tickets: ticket_id}",
        "unknown stream of customer 'desk.tickets'",
        "desk.ticket",
    ),
    "unknown field of a lane's stream": Case(
        "per: {desk.ticket: ticket_id}",
        "per: {desk.ticket: ticket}",
        "unknown field of desk.ticket 'ticket'",
        "ticket_id",
    ),
    "lanes of no stream": Case(
        "per: {desk.ticket: ticket_id}",
        "per: {}",
        "name at least one stream with the field that tells its lanes apart",
    ),
    "what is set by lane in a life": Case(
        "at: known_time\n",
        "at: booked_time\n",
        "unknown state or carried field of customer 'booked_time'; known are known_time",
    ),
    "what may be taken back beside each": Case(
        "where: worked_followed = 0",
        "where: answered_time > 0",
        "unknown field of each 'worked': 'answered_time'",
        "worked_times",
    ),
    "unknown field in unclosed": Case(
        "unclosed: {desk.ticket: action =",
        "unclosed: {desk.ticket: acton =",
        "unknown field of desk.ticket 'acton'",
        "action",
    ),
}
CASES = {
    **LANES,
    **{
        f"unknown field in {name}": Case(old, new, f"unknown field of desk.ticket '{field}'", "action")
        for name, (old, new, field) in PREDICATES.items()
    },
    "unknown field in opens": Case(
        "opens: {desk.call: kind", "opens: {desk.call: kin", "unknown field of desk.call 'kin'", "kind"
    ),
    "unknown field in latest": Case(
        "latest: pieces >= 0", "latest: piece >= 0", "unknown field of stock.level 'piece'", "pieces"
    ),
    "unknown field in while": Case("while: sound", "while: sond", "unknown field of stock.level 'sond'", "sound"),
    "no condition in while": Case(
        "while: sound", "while: pieces", "gives a whole number, but true or false is wanted here"
    ),
    "unknown value of one stream": Case(
        "{desk.call: kind = 'sales'}",
        "{desk.call: kind = 'sale'}",
        "kind is never 'sale': it is help or sales",
        "sales",
    ),
    "condition on another stream": Case(
        "opens: {desk.call: kind",
        "opens: {desk.cal: kind",
        "unknown stream of customer 'desk.cal'",
        "desk.call",
    ),
    "condition on a stream that the entity does not read": Case(
        "latest: pieces >= 0",
        "latest: {desk.call: seconds > 0}",
        "unknown stream of item 'desk.call'; known are stock.level",
    ),
    "conditions on no stream": Case(
        "opens: {desk.call: kind = 'sales'}", "opens: {}", "name at least one stream with its condition"
    ),
    "a condition that is no text": Case(
        "opens: {desk.call: kind = 'sales'}", "opens: {desk.call: 7}", "desk.call: 7 is not text; put it in quotes"
    ),
    "a list as condition": Case("while: sound", "while: [sound]", "while: ['sound'] is not text"),
    "one condition for streams that differ": Case(
        "first: team <> ''",
        "first: kind = 'help'",
        (
            "in desk.ticket: unknown field of desk.ticket 'kind'; write desk.call: before it if it is for that stream "
            "alone"
        ),
        at="first: kind = 'help'",
    ),
    "unknown field in per": Case("per: shelf", "per: shelves", "unknown field of stock.level 'shelves'", "shelf"),
    "unknown carried field of two streams": Case(
        "carrying: [kind, team]",
        "carrying: [kinds, kind, team]",
        "unknown field of desk.call or desk.ticket 'kinds'",
        "kind",
    ),
    "the envelope is not carried": Case(
        "carrying: [pieces, site]",
        "carrying: [pieces, site, source]",
        "unknown field of stock.level 'source'; known are pieces, shelf, site, sku and sound",
    ),
    "a field of two kinds": Case(
        "carrying: [kind, team]",
        "carrying: [kind, team, weight]",
        (
            "'weight' is a decimal with 2 digits after the point in desk.ticket, but a decimal with 3 digits after "
            "the point in desk.call: one column cannot hold both"
        ),
    ),
    "unknown field in drop": Case("drop: action =", "drop: acton =", "unknown field of desk.ticket 'acton'", "action"),
    "unknown field in what is counted": Case(
        "{answers: action =", "{answers: acton =", "unknown field of desk.ticket 'acton'", "action"
    ),
    "unknown field in followed": Case(
        "followed: action =", "followed: acton =", "unknown field of desk.ticket 'acton'", "action"
    ),
    "counted under a name that is there": Case(
        "counting: {answers: action = 'answered'}",
        "counting: {times: action = 'answered', answers: action = 'answered'}",
        "the state 'worked' offers 'worked_times' already; count under another name",
    ),
    "what may be dropped is dated by its beginning": Case(
        "at: worked_ended",
        "at: worked_started",
        "an episode of 'worked' may be dropped until its end: date it by worked_ended",
    ),
    "after a level": Case(
        "clear: action = 'dropped'\n    within: 10d\n",
        "clear: action = 'dropped'\n    within: 10d\n  late:\n    first: action = 'answered'\n    after: open\n",
        "state 'open' is not set at one moment: after goes with a state of first or set (answered or opened)",
        at="after: open\n",
    ),
    "unknown field in last": Case(
        "last: action in",
        "last: acton in",
        "unknown field of desk.ticket 'acton'",
        "action",
    ),
    "last by an unknown deadline": Case(
        "by: due\n", "by: dew\n", "unknown deadline of ticket 'dew'", "due", at="by: dew\n"
    ),
    "what comes last by a deadline is dated by it": Case(
        "at: due\n",
        "at: opened_time\n",
        "the state 'place' may change until 'due': write at: due",
        at="at: opened_time\n    dimensions: {team: place_team}",
    ),
    "so is a duration that ends by it": Case(
        "contributions:\n  answers:\n",
        "durations:\n  took: {from: opened_time, to: place_time}\n"
        "contributions:\n  lasting: {at: opened_time, value: took}\n  answers:\n",
        "the state 'place' may change until 'due': write at: due",
        at="lasting: {at: opened_time",
    ),
    "after what comes last": Case(
        "clear: action = 'dropped'\n    within: 10d\n",
        "clear: action = 'dropped'\n    within: 10d\n  late:\n    first: action = 'answered'\n    after: kind\n",
        "state 'kind' is not set at one moment: after goes with a state of first or set (answered or opened)",
        at="after: kind\n",
    ),
    "a deadline after a level": Case(
        "due: {after: opened,",
        "due: {after: open,",
        "a deadline runs from a state of first or set, and 'open' is none; there is answered or opened",
    ),
    "pairs that outlive their key": Case(
        "forget_after: never\nstates:\n  known",
        "forget_after: 29d\nstates:\n  known",
        "forget_after is shorter than the time within which 'caller' can change: make it as long",
    ),
    "lasting that outlives its key": Case(
        "forget_after: 365d", "forget_after: 29d", "forget_after is shorter than 'stocked' lasts: make it as long"
    ),
    "neither a duration nor never": Case(
        "forget_after: 365d",
        "forget_after: ever",
        "forget_after: 'ever' is not a duration: write a whole number and one of ms, s, m, h, d, such as 30s",
    ),
}

CONTRIBUTIONS = {
    "a level of pairs": Case(
        "level: usable",
        "level: usabel",
        "unknown level of item 'usabel'",
        "usable",
    ),
    "a level of stages": Case(
        "level: open\n",
        "level: stage\n",
        "`level` is of a state that is held (enter, latest or while), and 'stage' is none; ticket has open or worked",
    ),
    "each of an unknown state": Case("each: open\n", "each: opn\n", "unknown state of ticket 'opn'", "open"),
    "each of a slot": Case(
        "each: open\n",
        "each: opened\n",
        (
            "`each` is of a state with enter, opens, stages or while (without each), or by lane, and 'opened' is none; "
            "ticket has open, stage or worked"
        ),
    ),
    "closing of holdings": Case(
        "each: open\n",
        "closing: open\n",
        "`closing` is of a state with opens, and 'open' is none; ticket has none",
    ),
    "two ways": Case(
        "each: open\n",
        "each: open\n    closing: open\n",
        "resolution: a contribution is of one state: level, each or closing",
        at="  resolution:",
    ),
    "neither a moment nor a level": Case(
        "    at: caller_closed\n    value",
        "    value",
        "arrivals: a contribution has either at or level",
        at="  arrivals:",
    ),
    "a held state's start in a life": Case(
        "value: answered_time - opened_time",
        "value: answered_time - open_started",
        (
            "unknown state or carried field of ticket 'open_started'; known are answered_time, due, kind_team, "
            "kind_time, opened_team, opened_time, place_team and place_time"
        ),
    ),
    "a level's time in each": Case(
        "value: open_ended - open_started",
        "value: open_ended - open_time",
        "unknown field of each 'open': 'open_time'",
        "open_times",
    ),
    "each's end in a level": Case(
        "where: open_time > 0", "where: open_ended > 0", "unknown field of the level 'open': 'open_ended'", "open_time"
    ),
    "a deadline in each": Case(
        "value: open_ended - open_started",
        "value: open_ended - due",
        "unknown field of each 'open': 'due'; known are open_ended, open_started, open_team, "
        "open_times, opened_team and opened_time",
    ),
    "an unknown stage": Case(
        "('new', 'doing')", "('new', 'done')", "stage is never 'done': it is doing or new", "doing"
    ),
    "what closes in each": Case(
        "dimensions: {team: caller_team}",
        "dimensions: {team: caller_closing_team}",
        "unknown field of each 'caller': 'caller_closing_team'",
        "caller_closed",
    ),
    "unknown field of what closes": Case(
        "team: caller_closing_team",
        "team: caller_closing_tem",
        "unknown field of what closes 'caller': 'caller_closing_tem'",
        "caller_closing_team",
    ),
    "text as a moment": Case("at: stage_left", "at: stage_team", "gives text, but a whole number is wanted here"),
    "the stage's name as a number": Case(
        "value: stage_spent + 0 * stage_entered", "value: stage", "gives text, but a whole number is wanted here"
    ),
}


@pytest.mark.parametrize("case", [*CASES.values(), *CONTRIBUTIONS.values()], ids=[*CASES, *CONTRIBUTIONS])
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, KINDS)


def test_every_kind_of_state_loads(found: Found) -> None:
    assert found(KINDS) == ()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("enter: gift", "enter needs leave"),
        ("opens: gift\n    closes: gift", "opens needs closes and within"),
        ("stages: {new: gift}\n    won: gift\n    within: 1d", "stages need won, lost and within"),
        ("while: gift", "while needs per"),
        ("latest: gift\n    renew: gift", "renew goes with enter"),
        ("first: gift\n    lasting: 1d", "lasting goes with latest"),
        ("latest: gift\n    each: true", "each goes with while"),
        ("latest: gift\n    after: gift", "after goes with first, or with last"),
        ("latest: gift\n    drop: gift", "drop goes with enter"),
        ("latest: gift\n    counting: {gifts: gift}", "counting goes with enter"),
        ("enter: gift\n    leave: gift\n    followed: gift", "followed needs within"),
        ("last: gift\n    after: known", "last needs after and within"),
        ("last: gift\n    after: known\n    within: 1d\n    by: due", "last needs after and within"),
        ("latest: gift\n    by: due", "by goes with last"),
        ("latest: gift\n    every: true", "every goes with opens"),
        ("latest: gift\n    for_all: gift", "for_all goes with first"),
        ("first: gift\n    for_all: gift", "for_all needs per (of what it is all), and goes without unless"),
        ("latest: gift\n    unless: gift", "unless goes with first, or with opens"),
        ("opens: gift\n    closes: gift\n    unclosed: gift\n    within: 1d", "unless and unclosed take back pairs"),
        ("first: gift\n    after: usable\n    per: shelf", "per goes without after"),
        ("latest: gift\n    within: 1d", "within goes with set, last, enter, opens, stages or unless"),
    ],
)
def test_a_state_that_is_not_whole(found: Found, state: str, message: str) -> None:
    text = KINDS.replace("latest: pieces >= 0\n    lasting: 30d", state, 1)

    said = [mistake for mistake in found(text) if mistake.message.startswith(f"stocked: {message}")]

    assert [mistake.line for mistake in said] == [line_of(text, "  stocked:")]


def test_names_of_states_do_not_collide(found: Found) -> None:
    fields = KINDS.replace("  team: string\n", "  team: string\n  times: int64\n", 1)
    text = fields.replace("within: 7d\n    carrying: [team]", "within: 7d\n    carrying: [team, times]", 1)

    (mistake,) = found(text)

    assert mistake.message == "the state 'open' offers 'open_times' already; carry another field"
    assert mistake.line == line_of(text, "carrying: [team, times]")


def test_states_do_not_offer_each_other_s_names(found: Found) -> None:
    fields = KINDS.replace("  team: string\n", "  team: string\n  ed_time: int64\n", 1)
    text = fields.replace("  open:\n", "  open_ed:\n    first: action = 'opened'\n  open:\n", 1)
    text = text.replace("within: 7d\n    carrying: [team]", "within: 7d\n    carrying: [team, ed_time]", 1)

    (mistake,) = found(text)

    assert mistake.message == "'open_ed_time' is offered by the states 'open_ed' and 'open'; rename one of them"
    assert mistake.line == line_of(text, "  open:\n")


@pytest.mark.parametrize("stages", [45, 46])
def test_predicates_are_bits_of_one_integer(found: Found, stages: int) -> None:
    # The other states of the entity have thirteen, and the course two besides its stages.
    added = "".join(f"      extra_{number}: action = 'staged'\n" for number in range(stages - 2))
    text = KINDS.replace("      doing: action = 'staged'\n", f"      doing: action = 'staged'\n{added}", 1)

    mistakes = found(text)

    if stages == 45:
        assert mistakes == ()
    else:
        (mistake,) = mistakes
        assert mistake.message == "61 predicates are more than an entity can have (60): make two entities of it"
        assert mistake.line == line_of(text, "states:\n  opened:")


@pytest.mark.parametrize(("stages", "count"), [(55, None), (56, 61)])
def test_while_takes_two_of_the_bits(found: Found, stages: int, count: int | None) -> None:
    # `latest` takes one, `while` two, and the course two besides its stages.
    added = "".join(f"      stage_{number}: sound\n" for number in range(stages))
    course = f"  course:\n    stages:\n{added}    won: sound\n    lost: sound\n    within: 1d\n"
    text = KINDS.replace("  usable:\n", f"{course}  usable:\n", 1)

    said = [mistake.message for mistake in found(text)]

    assert said == (
        [f"{count} predicates are more than an entity can have (60): make two entities of it"] if count else []
    )


def test_an_expression_that_one_record_can_break_is_refused(found: Found) -> None:
    broken = KINDS.replace(
        "value: open_ended - open_started", "value: cast(1000 / (open_ended - open_started) as bigint)"
    )
    (mistake,) = found(broken)
    assert "fails where its fields are 0 or empty" in mistake.message
    guarded = "value: cast(1000 / nullif(open_ended - open_started, 0) as bigint)"
    assert found(KINDS.replace("value: open_ended - open_started", guarded)) == ()


def test_a_negative_duration_is_refused(found: Found) -> None:
    (mistake,) = found(KINDS.replace("    within: 7d", "    within: -7", 1))
    assert "-7 is no duration" in mistake.message
