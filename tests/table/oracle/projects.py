"""How far projects are, and what is done against what may go wrong with them."""

from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Number, Oracle
from tests.table.oracle.histories import DAY
from tests.table.oracle.people import ends

_AFTER = 90 * DAY


def _behind(*, field: str = "baseline_due", of_all: bool = False, mean: bool = False) -> Oracle:
    """Days between the date of each open milestone and the moment, where that is over."""

    def of(books: Books, asked: Asked) -> Number | None:
        moment = min(asked.span[1], books.until)
        found = []
        for records in books.by("project.milestone", "milestone_id"):
            known = [record for record in records if record["time"] < moment]
            planned = [record for record in known if record["action"] in ("planned", "moved")]
            over = any(record["action"] in ("reached", "cancelled") for record in known)
            if planned and (of_all or not over):
                begins = ends(planned[-1 if field == "due" else 0][field]) + 1
                found += [moment - begins] if begins < moment else []
        return Fraction(sum(found), DAY * (len(found) if mean else 1)) if found else 0

    return of


schedule_delay = _behind()
delay_by_moved_dates = _behind(field="due")
delay_of_all = _behind(of_all=True)
delay_on_average = _behind(mean=True)


def _completions(books: Books, *, each: bool = False, last_start: bool = False) -> list[Fact]:
    found = []
    starts: dict[str, list[int]] = {}
    for task in books.of("project.task"):
        if task["action"] == "started":
            starts.setdefault(task["project_id"], []).append(task["time"])
    for records in books.by("project.milestone", "project_id"):
        unfinished: set[str] = set()
        for record in records:
            was, milestone = bool(unfinished), record["milestone_id"]
            if record["action"] in ("planned", "moved"):
                unfinished.add(milestone)
                continue
            there = milestone in unfinished
            unfinished.discard(milestone)
            begun = [time for time in starts.get(record["project_id"], []) if time <= record["time"]]
            if begun and ((was and not unfinished) or (each and there)):
                found.append(Fact(record["time"], {}, record["time"] - (begun[-1] if last_start else begun[0])))
    return found


def completions(books: Books) -> list[Fact]:
    return _completions(books)


def completions_of_each_milestone(books: Books) -> list[Fact]:
    return _completions(books, each=True)


def completions_since_the_last_start(books: Books) -> list[Fact]:
    return _completions(books, last_start=True)


def _progress(*, after: int | None = _AFTER, dropped: bool = False) -> Oracle:
    """Of the steps of risks that are open, or were closed not long ago, the share that is done."""

    def of(books: Books, asked: Asked) -> Number | None:
        moment = min(asked.span[1], books.until)
        risks: dict[str, list[Body]] = {}
        for records in books.by("risk.item", "risk_id"):
            risks[records[0]["risk_id"]] = [record for record in records if record["time"] < moment]
        planned = done = 0
        for steps in books.by("risk.mitigation", "step_id"):
            known = [
                step for step in steps if step["time"] < moment and (dropped is False or step["action"] != "dropped")
            ]
            opened = [record for record in risks.get(steps[0]["risk_id"], []) if record["action"] == "opened"]
            closed = [record["time"] for record in risks.get(steps[0]["risk_id"], []) if record["action"] == "closed"]
            if not known or not opened or (after is not None and closed and closed[0] + after < moment):
                continue
            if any(opened[0][name] != value for name, value in asked.where.items()):
                continue
            planned += known[-1]["action"] in ("planned", "done")
            done += known[-1]["action"] == "done"
        return Fraction(done, planned) if planned else None

    return of


mitigation_progress = _progress()
progress_of_open_risks = _progress(after=0)
progress_of_all_risks = _progress(after=None)
progress_with_dropped = _progress(dropped=True)
