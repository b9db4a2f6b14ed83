"""What people noted of the KPIs, on the time line."""

from typing import Annotated

from fastapi import APIRouter, Query

from kpi.entries import Entry
from kpi.sayings import annotation, within
from schemas.answers import AnnotationList
from schemas.times import parse_date
from services.api.answers import Answers
from services.api.questions import invalid
from services.runtime.problems import problem_responses

Day = Annotated[str | None, Query(description="A day, YYYY-MM-DD; by default open.", examples=["2026-04-01"])]


def annotation_routes(answers: Answers) -> APIRouter:
    """`/v1/annotations`."""
    router = APIRouter(tags=["annotations"], responses=problem_responses(401, 404, 422))

    @router.get("/v1/annotations", operation_id="list_annotations", summary="What was noted of these days?")
    async def list_annotations(
        first: Annotated[Day, Query(alias="from")] = None,
        last: Annotated[Day, Query(alias="to")] = None,
        kpi: Annotated[list[str] | None, Query(description="By default all that are served.")] = None,
    ) -> AnnotationList:
        """Annotations and actions that stand, of any day from `from` to `to`. A remark without a last day is of its
        first one alone, an action without one goes on.
        """
        for name, day in (("from", first), ("to", last)):
            _checked(name, day)
        remarks = answers.ledger().remarks
        found: list[Entry] = []
        for name in dict.fromkeys(kpi or answers.catalogue.kpis):
            found += remarks.get(answers.questions.kpi(name).kpi, ())
        return AnnotationList(annotations=tuple(map(annotation, within(found, first, last))))

    return router


def _checked(name: str, day: str | None) -> None:
    if day is not None:
        try:
            parse_date(day)
        except ValueError:
            raise invalid(name, f"{day!r} is no day, such as 2026-04-01") from None
