"""What customers said."""

from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Number
from tests.table.oracle.histories import DAY

_DIMENSIONS = ("question", "team", "segment", "theme", "journey_step")


def _asked(books: Books, action: str, *, everybody: bool = False) -> list[Body]:
    return [
        body
        for body in books.of("survey.response")
        if body["action"] == action and (everybody or body["population"] == "customer")
    ]


def _fact(body: Body, value: int = 1) -> Fact:
    return Fact(body["time"], {name: body.get(name) for name in _DIMENSIONS}, value)


def _rated(books: Books, question: str) -> list[Body]:
    answers = _asked(books, "answered", everybody=question == "enps")
    return [b for b in answers if b["question"] == question and "score" in b]


def rated(books: Books) -> list[Fact]:
    """Ratings, 1 for the two best marks."""
    return [_fact(body, int(body["score"] >= body["scale_max"] - 1)) for body in _rated(books, "csat")]


def rated_by_employees(books: Books) -> list[Fact]:
    """What employees said of their work, 1 for the two best marks."""
    return [
        _fact(body, int(body["score"] >= body["scale_max"] - 1))
        for body in _asked(books, "answered", everybody=True)
        if body["question"] == "employee" and body["population"] == "employee" and "score" in body
    ]


def rated_best(books: Books) -> list[Fact]:
    return [_fact(body, int(body["score"] == body["scale_max"])) for body in _rated(books, "csat")]


def rated_or_written(books: Books) -> list[Fact]:
    answers = [b for b in _asked(books, "answered") if b["question"] == "csat"]
    return [_fact(body, int(body.get("score", 0) >= body["scale_max"] - 1)) for body in answers]


def sent(books: Books) -> list[Fact]:
    return [_fact(body) for body in _asked(books, "sent")]


def answered(books: Books) -> list[Fact]:
    return [_fact(body) for body in _asked(books, "answered")]


def answered_by_anybody(books: Books) -> list[Fact]:
    return [_fact(body) for body in _asked(books, "answered", everybody=True)]


def written(books: Books) -> list[Fact]:
    return [_fact(body) for body in _asked(books, "answered") if "text" in body]


def _balance(scores: list[int]) -> Number | None:
    if not scores:
        return None
    return Fraction(100 * sum((score >= 9) - (score <= 6) for score in scores), len(scores))


def _recommending(books: Books, asked: Asked, question: str = "nps") -> list[Body]:
    start, end = asked.span
    return [
        body
        for body in _rated(books, question)
        if start <= body["time"] < end and all(body.get(name) == value for name, value in asked.where.items())
    ]


def nps(books: Books, asked: Asked) -> Number | None:
    last = {body["respondent_id"]: body["score"] for body in _recommending(books, asked)}
    return _balance(list(last.values()))


def enps(books: Books, asked: Asked) -> Number | None:
    last = {body["respondent_id"]: body["score"] for body in _recommending(books, asked, "enps")}
    return _balance(list(last.values()))


def enps_of_all_answers(books: Books, asked: Asked) -> Number | None:
    return _balance([body["score"] for body in _recommending(books, asked, "enps")])


def nps_of_all_answers(books: Books, asked: Asked) -> Number | None:
    return _balance([body["score"] for body in _recommending(books, asked)])


def nps_of_first_answers(books: Books, asked: Asked) -> Number | None:
    first: dict[str, int] = {}
    for body in _recommending(books, asked):
        first.setdefault(body["respondent_id"], body["score"])
    return _balance(list(first.values()))


def nps_without_passives(books: Books, asked: Asked) -> Number | None:
    last = {body["respondent_id"]: body["score"] for body in _recommending(books, asked)}
    return _balance([score for score in last.values() if score not in (7, 8)])


def _after_complaint(
    books: Books, *, within: int = 30 * DAY, of_ticket: bool = True, of_customer: bool = True
) -> list[Fact]:
    """Ratings, 1 for the two best marks, of a complaint's customer or of its ticket; each once."""
    complaints = [t for t in books.of("support.ticket") if t["action"] == "opened" and t["kind"] == "complaint"]
    by_customer: dict[str, list[int]] = {}
    by_ticket: dict[str, list[int]] = {}
    for complaint in complaints:
        by_customer.setdefault(complaint["customer_id"], []).append(complaint["time"])
        by_ticket.setdefault(complaint["ticket_id"], []).append(complaint["time"])
    found = []
    for body in _rated(books, "csat"):
        opened = by_customer.get(body["respondent_id"], []) if of_customer else []
        opened = opened + (by_ticket.get(body.get("ticket_id", ""), []) if of_ticket else [])
        if any(0 < body["time"] - each <= within for each in opened):
            found.append(_fact(body, int(body["score"] >= body["scale_max"] - 1)))
    return found


def after_complaint(books: Books) -> list[Fact]:
    return _after_complaint(books)


def after_complaint_exclusively(books: Books) -> list[Fact]:
    return _after_complaint(books, within=30 * DAY - 1)


def after_complaint_for_ever(books: Books) -> list[Fact]:
    return _after_complaint(books, within=400 * DAY)


def after_complaint_of_ticket(books: Books) -> list[Fact]:
    return _after_complaint(books, of_customer=False)


def after_complaint_of_customer(books: Books) -> list[Fact]:
    return _after_complaint(books, of_ticket=False)
