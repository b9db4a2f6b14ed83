"""What sales is measured by."""

from tests.table.oracle.facts import Body, Books, Fact, count, plus, ratio, seconds, total
from tests.table.oracle.growth import growth
from tests.table.oracle.histories import DAY, Stay, kept, lives, stays

HORIZON = 90 * DAY
SILENCE = 365 * DAY
_DEAL = ("rep_id", "team", "segment", "region")
_WON = 30 * DAY
_CAMPAIGN = ("campaign_id", "team", "segment", "region")
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


def _decided(books: Books, action: str, horizon: int = HORIZON, dimensions: tuple[str, ...] = _DEAL) -> list[Fact]:
    found = []
    for deal in books.by("sales.deal", "deal_id"):
        for life in lives(deal, SILENCE):
            found += [
                Fact(record["time"], _dimensions(record, dimensions), record["amount_minor"], sign, record["currency"])
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
    won = (deal for deal in deals if deal["action"] == "won")
    return [Fact(d["time"], _dimensions(d, _DEAL), d["amount_minor"], currency=d["currency"]) for d in won]


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


def _decisions(lead: list[Body]) -> list[tuple[Body, int | None]]:
    """Each time that one of its deals was said to be won, and when that deal was reverted first since."""
    reverted = [(record["deal_id"], record["time"]) for record in lead if record.get("action") == "reverted"]
    return [
        (record, min((at for deal, at in reverted if deal == record["deal_id"] and at > record["time"]), default=None))
        for record in lead
        if record.get("action") == "won" and "deal_id" in record
    ]


def _is_won(start: int, decisions: list[tuple[Body, int | None]], within: int, *, reverted: bool = True) -> bool:
    """Whether a deal is won in the time from `start` on, and not reverted in it."""
    return any(
        start <= record["time"] <= start + within and not (reverted and back is not None and back <= start + within)
        for record, back in decisions
    )


def _by_lead(books: Books) -> list[tuple[list[Body], list[Body]]]:
    """What was said of each lead, and of its deals."""
    deals: dict[str, list[Body]] = {}
    for record in books.of("sales.deal"):
        if "lead_id" in record:
            deals.setdefault(record["lead_id"], []).append(record)
    leads = {lead[0]["lead_id"]: lead for lead in books.by("sales.lead", "lead_id")}
    return [(leads.get(name, []), deals.get(name, [])) for name in sorted(leads.keys() | deals.keys())]


def _conversions(books: Books, within: int, *, merged: bool = True, reverted: bool = True) -> list[Fact]:
    found = []
    for lead, deals in _by_lead(books):
        created = next((record for record in lead if record["action"] == "created"), None)
        if created is None:
            continue
        at = created["time"]
        if merged and any(r["action"] == "merged" and at <= r["time"] <= at + _WON for r in lead):
            continue
        won = _is_won(at, _decisions(deals), within, reverted=reverted)
        found.append(Fact(at, _dimensions(created, _LEAD), int(won)))
    return found


def lead_conversions(books: Books) -> list[Fact]:
    """Leads, 1 for those that were won in time."""
    return _conversions(books, _WON)


def lead_conversions_at_any_time(books: Books) -> list[Fact]:
    return _conversions(books, SILENCE)


def lead_conversions_to_the_day(books: Books) -> list[Fact]:
    return _conversions(books, _WON - 1)


def lead_conversions_with_merged(books: Books) -> list[Fact]:
    return _conversions(books, _WON, merged=False)


def lead_conversions_with_reverted(books: Books) -> list[Fact]:
    return _conversions(books, _WON, reverted=False)


def unmatched_wins(books: Books) -> list[Fact]:
    """Deals won without a lead that was created, and not merged since, in the 30 days before; for each lead's id."""
    found = []
    for lead, deals in _by_lead(books):
        created = [record["time"] for record in lead if record["action"] == "created"]
        merged = [record["time"] for record in lead if record["action"] == "merged"]
        for record, back in _decisions(deals):
            at = record["time"]
            stands = back is None or back > at + _WON
            matched = any(at - _WON <= c <= at and not any(c <= m <= c + _WON for m in merged) for c in created)
            if stands and not matched:
                found.append(Fact(at, _dimensions(record, _LEAD)))
    return found


def _called(books: Books, within: int, *, reverted: bool = True) -> list[Fact]:
    decisions = {deals[0]["lead_id"]: _decisions(deals) for _, deals in _by_lead(books) if deals}
    return [
        Fact(
            call["time"],
            _dimensions(call, ("rep_id", "team")),
            int(_is_won(call["time"], decisions.get(call.get("lead_id"), []), within, reverted=reverted)),
        )
        for call in books.of("sales.call")
        if call["direction"] == "out"
    ]


def call_conversions(books: Books) -> list[Fact]:
    """Calls that were made, 1 for those whose lead was won in time."""
    return _called(books, _WON)


def call_conversions_at_any_time(books: Books) -> list[Fact]:
    return _called(books, SILENCE)


def call_conversions_to_the_day(books: Books) -> list[Fact]:
    return _called(books, _WON - 1)


def call_conversions_with_reverted(books: Books) -> list[Fact]:
    return _called(books, _WON, reverted=False)


def revenue_by_campaign(books: Books) -> list[Fact]:
    """Won deals that belong to a campaign: the first that the lead named by then, else their own."""
    return _revenue(books, HORIZON)


def revenue_by_campaign_for_ever(books: Books) -> list[Fact]:
    return _revenue(books, -1)


def revenue_by_campaign_of_the_deal(books: Books) -> list[Fact]:
    return [fact for fact in _decided(books, "won", dimensions=_CAMPAIGN) if fact.dimensions["campaign_id"]]


def revenue_by_campaign_of_leads_alone(books: Books) -> list[Fact]:
    return _revenue(books, HORIZON, own=False)


def _revenue(books: Books, horizon: int, *, own: bool = True) -> list[Fact]:
    named: dict[str, Body] = {}
    for record in books.of("sales.lead"):
        if "campaign_id" in record:
            named.setdefault(record["lead_id"], record)
    found = []
    for deal in books.by("sales.deal", "deal_id"):
        for life in lives(deal, SILENCE):
            for record, sign in kept(life, "won", "reverted", horizon):
                lead = named.get(record.get("lead_id", ""))
                campaign = lead["campaign_id"] if lead and lead["time"] <= record["time"] else None
                campaign = campaign or (record.get("campaign_id") if own else None)
                if campaign:
                    dimensions = {**_dimensions(record, _CAMPAIGN), "campaign_id": campaign}
                    found.append(Fact(record["time"], dimensions, record["amount_minor"], sign, record["currency"]))
    return found


def calls_with_a_lead(books: Books) -> list[Fact]:
    facts = zip([c for c in books.of("sales.call") if c["direction"] == "out"], call_conversions(books), strict=True)
    return [fact for call, fact in facts if "lead_id" in call]


funnel_stage_conversion = ratio(total(stages_left), count(stages_left))
time_in_stage = seconds(ratio(total(stages_spent), count(stages_spent)))
average_deal_size = ratio(total(won), count(won))
win_rate = ratio(count(won), plus(count(won), count(lost)))
win_rate_by_value = ratio(total(won), plus(total(won), total(lost)))
sales_growth = growth(total(won))
