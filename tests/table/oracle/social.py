"""How people answer to what is published."""

from dataclasses import replace

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle, ratio, total

_DIMENSIONS = ("network", "kind", "campaign_id")
_ANSWERS = ("like", "comment", "share", "save", "click")


def _fact(reading: Body, count: int) -> Fact:
    return Fact(reading["time"], {name: reading.get(name) for name in _DIMENSIONS}, count)


def _counted(books: Books, kinds: tuple[str, ...], *, from_nothing: bool = True) -> list[Fact]:
    """What is new at each reading: itself, or how much more it is than the one before."""
    found = []
    for readings in books.by("social.engagement", "post_id", "network", "kind"):
        known = 0
        for number, reading in enumerate(readings):
            if reading["kind"] not in kinds:
                continue
            if reading["mode"] == "delta":
                found.append(_fact(reading, reading["count"]))
                continue
            if from_nothing or number:
                found.append(_fact(reading, reading["count"] - known))
            known = reading["count"]
    return found


def engagements(books: Books) -> list[Fact]:
    return _counted(books, _ANSWERS)


def engagements_with_views(books: Books) -> list[Fact]:
    return _counted(books, (*_ANSWERS, "impression", "reach"))


def engagements_since_the_first_reading(books: Books) -> list[Fact]:
    return _counted(books, _ANSWERS, from_nothing=False)


def engagements_as_said(books: Books) -> list[Fact]:
    return [_fact(r, r["count"]) for r in books.of("social.engagement") if r["kind"] in _ANSWERS]


def impressions(books: Books) -> list[Fact]:
    return _counted(books, ("impression",))


def impressions_and_reach(books: Books) -> list[Fact]:
    return _counted(books, ("impression", "reach"))


def impressions_as_said(books: Books) -> list[Fact]:
    return [_fact(r, r["count"]) for r in books.of("social.engagement") if r["kind"] == "impression"]


def rate(above: Facts, below: Facts) -> Oracle:
    """Answers of one kind are held against everything that was seen."""

    def of_all_kinds(books: Books, asked: Asked) -> Number | None:
        where = {name: value for name, value in asked.where.items() if name != "kind"}
        return total(below)(books, replace(asked, where=where))

    return ratio(total(above), of_all_kinds)


social_engagement_rate = rate(engagements, impressions)
