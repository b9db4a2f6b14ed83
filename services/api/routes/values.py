"""Values over HTTP. The routes are plain functions: FastAPI runs them in threads, since reading the view blocks."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from kpi.sayings import annotations_of
from kpi.values import Question
from schemas.answers import Series, SeriesPoint, Value, ValueList
from schemas.times import text_of
from services.api.answers import Answers
from services.api.questions import RESERVED, WindowRequest
from services.runtime.problems import Fault, Problem, problem_responses

MOST_POINTS = 500

KpiName = Annotated[str, Path(description="The KPI's id.", examples=["average_response_time"])]
By = Annotated[list[str] | None, Query(description="Break down by this dimension; may be repeated.", examples=["team"])]


def window_request(
    window: Annotated[
        str | None, Query(description="One of the KPI's windows; by default its first.", examples=["1h"])
    ] = None,
    at: Annotated[
        str | None,
        Query(description="RFC 3339 or epoch milliseconds; by default now.", examples=["2026-11-22T14:48:33Z"]),
    ] = None,
    complete: Annotated[bool, Query(description="The last complete window, not the one that runs.")] = False,
    include_open: Annotated[bool, Query(description="Rolling windows: the running minute too.")] = False,
    time_zone: Annotated[
        str | None, Query(description="IANA zone of calendar windows.", examples=["Europe/Berlin"])
    ] = None,
) -> WindowRequest:
    """The part of a query that says which window."""
    return WindowRequest(window, at, complete, include_open, time_zone)


Asked = Annotated[WindowRequest, Depends(window_request)]


def value_routes(answers: Answers) -> APIRouter:
    """`/v1/kpis/{kpi}/value`, `…/values`, `…/series` and `/v1/values`. Any other query parameter is a dimension."""
    router = APIRouter(tags=["values"], responses=problem_responses(401, 404, 422))

    def values_of(kpi: str, asked: WindowRequest, by: list[str], request: Request) -> list[Value]:
        found = answers.questions.kpi(kpi)
        now = answers.clock()
        question = answers.questions.question(found, asked, by, _dimensions(request), now)
        values = answers.values([question])
        if answers.questions.served(question, now) and (not values or values[0].reason == "not_served"):
            _refuse_what_is_gone(answers, question)
        return values

    @router.get("/v1/kpis/{kpi}/value", operation_id="get_value", summary="What is a KPI's value?")
    def get_value(kpi: KpiName, asked: Asked, request: Request, by: By = None) -> Value | ValueList:
        """One value; with `by`, the values of a breakdown, as `/values` gives them."""
        values = values_of(kpi, asked, by or [], request)
        return ValueList(values=tuple(values)) if by else values[0]

    @router.get("/v1/kpis/{kpi}/values", operation_id="get_values", summary="What is it by dimension?")
    def get_values(kpi: KpiName, asked: Asked, request: Request, by: By = None) -> ValueList:
        return ValueList(values=tuple(values_of(kpi, asked, by or [], request)))

    @router.get("/v1/values", operation_id="list_values", summary="The values of several KPIs, of one state")
    def list_values(
        asked: Asked, kpi: Annotated[list[str] | None, Query(description="By default all that are served.")] = None
    ) -> ValueList:
        found = [answers.questions.kpi(name) for name in kpi or answers.catalogue.kpis]
        now = answers.clock()
        return ValueList(
            values=tuple(answers.values([answers.questions.question(each, asked, (), {}, now) for each in found]))
        )

    @router.get("/v1/kpis/{kpi}/series", operation_id="get_series", summary="How did it go?")
    def get_series(
        kpi: KpiName, asked: Asked, request: Request, points: Annotated[int, Query(ge=1, le=MOST_POINTS)] = 30
    ) -> Series:
        found = answers.questions.kpi(kpi)
        one = answers.questions.question(found, asked, (), _dimensions(request), answers.clock())
        windows = answers.questions.series(found, asked, points, answers.clock())
        with answers.reading() as reading:
            values = reading.values(Question(found, windows, (), one.where, one.at, compare=False))
            noted = annotations_of(reading.moment.ledger, kpi, replace(windows[-1], start=windows[0].start), one.where)
        newest = values[-1][0]
        return Series(
            kpi=kpi,
            unit=found.unit,
            currency=newest.currency,
            window=windows[-1].name,
            dimensions=newest.dimensions,
            points=tuple(_point(value) for each in values for value in each),
            annotations=noted,
        )

    return router


def _dimensions(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if name not in RESERVED}


def _refuse_what_is_gone(answers: Answers, question: Question) -> None:
    with answers.reading() as reading:
        refusal = reading.refusal(question)
    if refusal is not None:
        raise Problem(
            status=422,
            name="not-retained",
            title="What this window is made of is no longer kept",
            detail=f"The window from {text_of(question.windows[0].start)}: {refusal}",
            errors=[Fault(parameter="at", reason=str(refusal))],
        )


def _point(value: Value) -> SeriesPoint:
    return SeriesPoint(
        start=value.window.start,
        end=value.window.end,
        value=value.value,
        reason=value.reason,
        events=value.events,
        state=value.state,
    )
