"""What sales is measured by."""

from tests.table.oracle.facts import Body, Books, Fact, count, plus, ratio, seconds, total
from tests.table.oracle.histories import DAY, Stay, kept, lives, stays

HORIZON = 90 * DAY
SILENCE = 365 * DAY
_DEAL = ("rep_id", "team", "segment", "region")
_LEAD = ("lead_source", "campaign_id", "team", "segment", "region")


def _dimensions(record: Body, names: tuple[str, ...]) -> dict[str, str | None]:
    return {name: record.get(name) for name in names}


def _calls(books: Books, outcomes: tuple[str, ...], directions: tuple[str, ...]) -> list[Fact]:
    return [
        Fact(call["time"], _dimensions(call, ("rep_id", "team")))
        for call in books.of("sales.call")
        if call["outcome"] in outcomes and call["direction"] in directions
    ]


def calls_made(books: Books) -> list[Fact]:
    return _calls(books, ("no_answer", "connected", "meeting"), ("out",))


def calls_connected(books: Books) -> list[Fact]:
    return _calls(books, ("connected", "meeting"), ("out",))


def all_calls(books: Books) -> list[Fact]:
    return _calls(books, ("no_answer", "connected", "meeting"), ("out", "in"))


def connected_without_meetings(books: Books) -> list[Fact]:
    return _calls(books, ("connected",), ("out",))


def _decided(books: Books, action: str, horizon: int = HORIZON) -> list[Fact]:
    found = []
    for deal in books.by("sales.deal", "deal_id"):
        for life in lives(deal, SILENCE):
            found += [
                Fact(record["time"], _dimensions(record, _DEAL), record["amount_minor"], sign)
                for record, sign in kept(life, action, "reverted", horizon)
                # What is taken back after the horizon was a deal that had been won.
                if sign > 0 or action == "won"
            ]
    return found


def won(books: Books) -> list[Fact]:
    return _decided(books, "won")


def lost(books: Books) -> list[Fact]:
    return _decided(books, "lost")


def won_for_ever(books: Books) -> list[Fact]:
    return _decided(books, "won", -1)


def won_as_said(books: Books) -> list[Fact]:
    deals = books.of("sales.deal")
    return [Fact(d["time"], _dimensions(d, _DEAL), d["amount_minor"]) for d in deals if d["action"] == "won"]


def won_unless_reverted(books: Books) -> list[Fact]:
    return _decided(books, "won", SILENCE)


def won_to_the_day(books: Books) -> list[Fact]:
    return _decided(books, "won", HORIZON - 1)


def _leads(books: Books, horizon: int) -> list[Fact]:
    return [
        Fact(record["time"], _dimensions(record, _LEAD), 1, sign)
        for lead in books.by("sales.lead", "lead_id")
        for life in lives(lead, SILENCE)
        for record, sign in kept(life, "created", "merged", horizon)
    ]


def leads(books: Books) -> list[Fact]:
    return _leads(books, HORIZON)


def leads_as_created(books: Books) -> list[Fact]:
    created = (lead for lead in books.of("sales.lead") if lead["action"] == "created")
    return [Fact(lead["time"], _dimensions(lead, _LEAD)) for lead in created]


def leads_merged_at_the_merging(books: Books) -> list[Fact]:
    merged = (lead for lead in books.of("sales.lead") if lead["action"] == "merged")
    return [*leads_as_created(books), *(Fact(lead["time"], _dimensions(lead, _LEAD), 1, -1) for lead in merged)]


def _of_lead(record: Body) -> str | None:
    action = str(record["action"])
    return {"qualified": "won", "disqualified": "lost", "merged": None}.get(action, action)


def _of_deal(record: Body) -> str | None:
    action = str(record["action"])
    return action if action in ("won", "lost") else str(record["stage"])


def _stays(books: Books, horizon: int) -> list[Stay]:
    found = []
    for lead in books.by("sales.lead", "lead_id"):
        for life in lives(lead, SILENCE):
            found += stays(life, _of_lead, ("created", "contacted"), horizon)
    for deal in books.by("sales.deal", "deal_id"):
        for life in lives(deal, SILENCE):
            found += stays(life, _of_deal, ("new", "offer", "negotiation"), horizon)
    return found


def _left(all_stays: list[Stay]) -> list[Fact]:
    return [Fact(s.left, {"stage": s.stage, "team": s.last.get("team")}, int(s.forward)) for s in all_stays]


def stages_left(books: Books) -> list[Fact]:
    return _left(_stays(books, HORIZON))


def stages_left_each_time(books: Books) -> list[Fact]:
    return _left(_stays(books, -1))


def stages_left_with_the_day_after(books: Books) -> list[Fact]:
    return _left(_stays(books, HORIZON - 1))


def _spent(all_stays: list[Stay]) -> list[Fact]:
    return [Fact(s.left, {"stage": s.stage, "team": s.last.get("team")}, s.spent) for s in all_stays]


def stages_spent(books: Books) -> list[Fact]:
    return _spent(_stays(books, HORIZON))


def stages_spent_each_time(books: Books) -> list[Fact]:
    return _spent(_stays(books, -1))


funnel_stage_conversion = ratio(total(stages_left), count(stages_left))
time_in_stage = seconds(ratio(total(stages_spent), count(stages_spent)))
average_deal_size = ratio(total(won), count(won))
win_rate = ratio(count(won), plus(count(won), count(lost)))
win_rate_by_value = ratio(total(won), plus(total(won), total(lost)))
