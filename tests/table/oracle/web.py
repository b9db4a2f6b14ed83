"""What marketing is measured by."""

from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle, inside, ratio
from tests.table.oracle.histories import DAY

_ADVERTISEMENT = ("campaign_id", "ad_id", "placement", "audience")
_VISIT = ("campaign_id", "device", "country")
_BRAND = ("wave_id", "brand", "region")


def _fact(record: Body, names: tuple[str, ...], value: int = 1) -> Fact:
    return Fact(record["time"], {name: record.get(name) for name in names}, value)


def clicks(books: Books) -> list[Fact]:
    return [_fact(click, _ADVERTISEMENT) for click in books.of("web.click") if not click["is_bot"]]


def clicks_with_bots(books: Books) -> list[Fact]:
    return [_fact(click, _ADVERTISEMENT) for click in books.of("web.click")]


def impressions(books: Books) -> list[Fact]:
    return [_fact(shown, _ADVERTISEMENT, shown["count"]) for shown in books.of("web.impression") if not shown["is_bot"]]


def visits(books: Books) -> list[Fact]:
    return [_fact(visit, _VISIT) for visit in books.of("web.visit") if not visit["is_bot"]]


def visits_with_bots(books: Books) -> list[Fact]:
    return [_fact(visit, _VISIT) for visit in books.of("web.visit")]


def visitors(books: Books) -> list[Fact]:
    """Each visit, with a number for who came."""
    numbers: dict[str, int] = {}
    return [
        _fact(visit, _VISIT, numbers.setdefault(visit["visitor_id"], len(numbers)))
        for visit in books.of("web.visit")
        if not visit["is_bot"]
    ]


def different_visitors(books: Books, asked: Asked) -> Number | None:
    return len({fact.value for fact in inside(visitors, books, asked)})


def _sessions(books: Books, within: int) -> list[Fact]:
    converted: dict[tuple[str, str], list[int]] = {}
    for conversion in books.of("web.conversion"):
        if "visit_id" in conversion:
            converted.setdefault((conversion["visitor_id"], conversion["visit_id"]), []).append(conversion["time"])
    found = []
    for visit in books.of("web.visit"):
        if not visit["is_bot"]:
            times = converted.get((visit["visitor_id"], visit["visit_id"]), [])
            found.append(_fact(visit, _VISIT, int(any(0 <= time - visit["time"] <= within for time in times))))
    return found


def sessions(books: Books) -> list[Fact]:
    return _sessions(books, DAY)


def sessions_of_any_length(books: Books) -> list[Fact]:
    return _sessions(books, 365 * DAY)


def sessions_short_of_a_day(books: Books) -> list[Fact]:
    return _sessions(books, DAY - 1)


def conversions(books: Books) -> list[Fact]:
    return [_fact(conversion, ("campaign_id",)) for conversion in books.of("web.conversion")]


def billable_clicks(books: Books) -> list[Fact]:
    return [_fact(click, _ADVERTISEMENT) for click in books.of("web.click") if click["billable"]]


def _attributed(books: Books, within: int, *, first: bool = False) -> list[Fact]:
    clicks: dict[str, list[Body]] = {}
    for click in books.of("web.click"):
        if "visitor_id" in click and not click["is_bot"]:
            clicks.setdefault(click["visitor_id"], []).append(click)
    found = []
    for conversion in books.of("web.conversion"):
        at = conversion["time"]
        before = [c for c in clicks.get(conversion["visitor_id"], []) if at - within <= c["time"] <= at]
        if before:
            click = before[0 if first else -1]
            where = {name: click[name] for name in _ADVERTISEMENT}
            found.append(Fact(at, where, conversion["value_minor"], currency=conversion["currency"]))
    return found


def attributed(books: Books) -> list[Fact]:
    """Conversions with their value, by the last click of the 30 days before."""
    return _attributed(books, 30 * DAY)


def attributed_to_the_first_click(books: Books) -> list[Fact]:
    return _attributed(books, 30 * DAY, first=True)


def attributed_at_any_time(books: Books) -> list[Fact]:
    return _attributed(books, 365 * DAY)


def attributed_to_the_day(books: Books) -> list[Fact]:
    return _attributed(books, 30 * DAY - 1)


def _converted(books: Books, within: int) -> list[Fact]:
    """Visits that a conversion followed, with a number for who came."""
    times: dict[str, list[int]] = {}
    for conversion in books.of("web.conversion"):
        times.setdefault(conversion["visitor_id"], []).append(conversion["time"])
    people = [visit for visit in books.of("web.visit") if not visit["is_bot"]]
    return [
        fact
        for visit, fact in zip(people, visitors(books), strict=True)
        if any(0 <= time - visit["time"] <= within for time in times.get(visit["visitor_id"], []))
    ]


def converted(books: Books) -> list[Fact]:
    return _converted(books, DAY)


def converted_to_the_day(books: Books) -> list[Fact]:
    return _converted(books, DAY - 1)


def converted_at_any_time(books: Books) -> list[Fact]:
    return _converted(books, 365 * DAY)


def different(facts: Facts) -> Oracle:
    """How many different people."""
    return lambda books, asked: len({fact.value for fact in inside(facts, books, asked)})


def converting_visitors_by_their_conversion(books: Books, asked: Asked) -> Number | None:
    start, end = asked.span
    them = {c["visitor_id"] for c in books.of("web.conversion") if start <= c["time"] < min(end, books.until)}
    return ratio(lambda *_: len(them), different_visitors)(books, asked)


def asked_about_brands(books: Books) -> list[Fact]:
    return [_fact(answer, _BRAND, answer["weight"]) for answer in books.of("brand.survey")]


def _known(books: Books, field: str) -> list[Fact]:
    return [_fact(answer, _BRAND, answer["weight"]) for answer in books.of("brand.survey") if answer.get(field)]


def aided(books: Books) -> list[Fact]:
    return _known(books, "aided")


def unaided(books: Books) -> list[Fact]:
    return _known(books, "unaided")


def top_of_mind(books: Books) -> list[Fact]:
    return _known(books, "top_of_mind")


def who_knew_or_not(books: Books) -> list[Fact]:
    return [_fact(a, _BRAND, a["weight"]) for a in books.of("brand.survey") if a.get("aided") is not None]


def sum_of_days(books: Books, asked: Asked) -> Number | None:
    """Wrong: different visitors of each day, added up."""
    facts = inside(visitors, books, asked)
    return Fraction(len({(fact.at // DAY, fact.value) for fact in facts}))
