"""What customer service is measured by."""

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


def _cases(books: Books, joined: int) -> list[Episode]:
    return [
        case
        for life in _tickets(books)
        for case in episodes(
            life,
            begin=lambda record: record["action"] in ("opened", "reopened"),
            end=lambda record: record["action"] == "resolved",
            change=lambda record: record["action"] == "reclassified",
            joined=joined,
        )
    ]


def _solved(cases: list[Episode], *, at_once: bool) -> list[Fact]:
    return [
        Fact(
            case.end,
            {name: case.last[name] for name in ("team", "priority", "kind")},
            int(case.times == 1) if at_once else case.end - case.start,
        )
        for case in cases
        if case.end is not None
    ]


def resolutions(books: Books) -> list[Fact]:
    return _solved(_cases(books, 7 * DAY), at_once=False)


def resolutions_each_time(books: Books) -> list[Fact]:
    return _solved(_cases(books, -1), at_once=False)


def resolutions_to_the_day(books: Books) -> list[Fact]:
    return _solved(_cases(books, 7 * DAY - 1), at_once=False)


def contacted_once(books: Books) -> list[Fact]:
    return _solved(_cases(books, 7 * DAY), at_once=True)


def contacted_once_for_ever(books: Books) -> list[Fact]:
    return _solved(_cases(books, SILENCE), at_once=True)


def contacted_once_each_time(books: Books) -> list[Fact]:
    return _solved(_cases(books, -1), at_once=True)


def first_resolutions(books: Books) -> list[Fact]:
    found = []
    for life in _tickets(books):
        opening = _opening(life)
        ends = [r for r in life if r["action"] == "resolved" and opening and r["time"] > opening["time"]]
        if opening and ends:
            dimensions = {name: ends[0][name] for name in ("team", "priority", "kind")}
            found.append(Fact(ends[0]["time"], dimensions, ends[0]["time"] - opening["time"]))
    return found
