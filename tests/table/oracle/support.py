"""What customer service is measured by."""

import datetime

from tests.table.oracle.facts import Body, Books, Fact
from tests.table.oracle.histories import DAY, Episode, episodes, lives

SILENCE = 90 * DAY
_TARGETS = {"high": 900_000}
_TARGET = 3_600_000


def _tickets(books: Books) -> list[list[Body]]:
    return [life for ticket in books.by("support.ticket", "ticket_id") for life in lives(ticket, SILENCE)]


def contacts(books: Books) -> list[Fact]:
    return [
        Fact(c["time"], {"channel": c["channel"], "reason": c["reason"]})
        for c in books.of("support.contact")
        if c["direction"] == "in"
    ]


def all_contacts(books: Books) -> list[Fact]:
    return [Fact(c["time"], {"channel": c["channel"], "reason": c["reason"]}) for c in books.of("support.contact")]


def _opening(life: list[Body]) -> Body | None:
    return next((record for record in life if record["action"] == "opened"), None)


def _answer(life: list[Body], opening: Body, *, by_anybody: bool = False) -> Body | None:
    return next(
        (
            record
            for record in life
            if record["action"] == "replied"
            and record["time"] > opening["time"]
            and (by_anybody or (record["actor"] == "agent" and record["public"]))
        ),
        None,
    )


def _responses(books: Books, *, by_anybody: bool = False, at_opening: bool = False) -> list[Fact]:
    found = []
    for life in _tickets(books):
        opening = _opening(life)
        reply = _answer(life, opening, by_anybody=by_anybody) if opening else None
        if opening and reply:
            waited = reply["time"] - opening["time"]
            dimensions = {"team": reply["team"], "priority": opening["priority"]}
            found.append(Fact(opening["time"] if at_opening else reply["time"], dimensions, waited))
    return found


def responses(books: Books) -> list[Fact]:
    return _responses(books)


def responses_of_anybody(books: Books) -> list[Fact]:
    return _responses(books, by_anybody=True)


def responses_at_opening(books: Books) -> list[Fact]:
    return _responses(books, at_opening=True)


def _due(books: Books, *, only_answered: bool = False, one_target: bool = False) -> list[Fact]:
    found = []
    for life in _tickets(books):
        opening = _opening(life)
        if opening is None:
            continue
        reply = _answer(life, opening)
        target = _TARGET if one_target else _TARGETS.get(opening["priority"], _TARGET)
        deadline = opening["time"] + target
        dimensions = {"team": opening["team"], "priority": opening["priority"]}
        if reply is not None and reply["time"] <= deadline:
            found.append(Fact(reply["time"], dimensions, 1))
        elif not only_answered or reply is not None:
            found.append(Fact(deadline, dimensions, 0))
    return found


def due(books: Books) -> list[Fact]:
    return _due(books)


def due_if_answered(books: Books) -> list[Fact]:
    return _due(books, only_answered=True)


def due_by_one_target(books: Books) -> list[Fact]:
    return _due(books, one_target=True)


def _episodes(life: list[Body], joined: int) -> list[Episode]:
    return episodes(
        life,
        begin=lambda record: record["action"] in ("opened", "reopened"),
        end=lambda record: record["action"] == "resolved",
        change=lambda record: record["action"] == "reclassified",
        joined=joined,
    )


def _cases(books: Books, joined: int) -> list[Episode]:
    return [case for life in _tickets(books) for case in _episodes(life, joined)]


def one_touch(books: Books, *, joined: int = 7 * DAY, one_reply: bool = True) -> list[Fact]:
    found = []
    for life in _tickets(books):
        for case in _episodes(life, joined):
            if case.end is None:
                continue
            replies = [
                r
                for r in life
                if case.start <= r["time"] <= case.end
                and r["action"] == "replied"
                and r["actor"] == "agent"
                and r["public"]
            ]
            few = not one_reply or len(replies) <= 1
            found.append(Fact(case.end, _of_team(case.last), int(case.times == 1 and few)))
    return found


def one_touch_however_often_answered(books: Books) -> list[Fact]:
    return one_touch(books, one_reply=False)


def one_touch_each_time(books: Books) -> list[Fact]:
    return one_touch(books, joined=-1)


def _of_team(record: Body) -> dict[str, str]:
    return {name: record[name] for name in ("team", "priority", "kind", "channel")}


def _wishes(books: Books) -> list[tuple[list[Body], list[Body]]]:
    """The tickets and contacts of a customer for one reason, parted where nothing was heard of him for long."""
    streams = ("support.ticket", "support.contact")
    both: dict[tuple[str, str], list[Body]] = {}
    for record in sorted((r for stream in streams for r in books.of(stream)), key=lambda r: int(r["time"])):
        both.setdefault((record["customer_id"], record["reason"]), []).append(record)
    parted = [life for records in both.values() for life in lives(records, SILENCE)]
    return [([r for r in life if "ticket_id" in r], [r for r in life if "contact_id" in r]) for life in parted]


def _contacted(
    books: Books, *, joined: int = 7 * DAY, within: int = 7 * DAY, out: bool = False, phone: bool = False
) -> list[Fact]:
    found = []
    for tickets, contacts in _wishes(books):
        for ticket in {record["ticket_id"] for record in tickets}:
            for case in _episodes([record for record in tickets if record["ticket_id"] == ticket], joined):
                if case.end is None or (phone and case.last["channel"] != "phone"):
                    continue
                again = [c for c in contacts if 0 < c["time"] - case.end <= within and (out or c["direction"] == "in")]
                found.append(Fact(case.end, _of_team(case.last), int(case.times == 1 and not again)))
    return found


def contacted_once(books: Books) -> list[Fact]:
    return _contacted(books)


def contacted_once_for_ever(books: Books) -> list[Fact]:
    return _contacted(books, joined=SILENCE)


def contacted_once_each_time(books: Books) -> list[Fact]:
    return _contacted(books, joined=-1)


def contacted_once_whoever_comes_back(books: Books) -> list[Fact]:
    return _contacted(books, within=-1)


def contacted_once_to_the_day(books: Books) -> list[Fact]:
    return _contacted(books, within=7 * DAY - 1)


def contacted_once_if_we_are_silent(books: Books) -> list[Fact]:
    return _contacted(books, out=True)


def called_once(books: Books) -> list[Fact]:
    return _contacted(books, phone=True)


def called_once_whoever_comes_back(books: Books) -> list[Fact]:
    return _contacted(books, phone=True, within=-1)


def complaints(books: Books, *, within: int = 7 * DAY) -> list[Fact]:
    found = []
    for life in _tickets(books):
        opening = _opening(life)
        if opening is None:
            continue
        until = opening["time"] + within
        said = [r for r in life if r["action"] in ("opened", "reclassified") and opening["time"] <= r["time"] <= until]
        if said[-1]["kind"] == "complaint":
            found.append(Fact(opening["time"], _of_team(opening)))
    return found


def complaints_as_opened(books: Books) -> list[Fact]:
    return complaints(books, within=0)


def complaints_for_ever(books: Books) -> list[Fact]:
    return complaints(books, within=SILENCE)


def _solved(cases: list[Episode]) -> list[Fact]:
    return [Fact(case.end, _of_team(case.last), case.end - case.start) for case in cases if case.end is not None]


def resolutions(books: Books) -> list[Fact]:
    return _solved(_cases(books, 7 * DAY))


def resolutions_each_time(books: Books) -> list[Fact]:
    return _solved(_cases(books, -1))


def resolutions_to_the_day(books: Books) -> list[Fact]:
    return _solved(_cases(books, 7 * DAY - 1))


def first_resolutions(books: Books) -> list[Fact]:
    found = []
    for life in _tickets(books):
        opening = _opening(life)
        ends = [r for r in life if r["action"] == "resolved" and opening and r["time"] > opening["time"]]
        if opening and ends:
            dimensions = {name: ends[0][name] for name in ("team", "priority", "kind")}
            found.append(Fact(ends[0]["time"], dimensions, ends[0]["time"] - opening["time"]))
    return found


def _desk(books: Books, *, everything: bool = False, when_said: bool = False) -> list[Fact]:
    """Minutes, at the beginning of their day in Greenwich."""
    found = []
    for body in books.of("work.hours"):
        if everything or body.get("project_id") == "service":
            day = datetime.datetime.fromisoformat(body["date"]).replace(tzinfo=datetime.UTC)
            at = body["time"] if when_said else int(day.timestamp()) * 1000
            found.append(Fact(at, {"team": body["team"]}, body["minutes"]))
    return found


def desk(books: Books) -> list[Fact]:
    return _desk(books)


def desk_and_all_else(books: Books) -> list[Fact]:
    return _desk(books, everything=True)


def desk_when_said(books: Books) -> list[Fact]:
    return _desk(books, when_said=True)
