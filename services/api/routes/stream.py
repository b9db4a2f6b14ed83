"""Values as server-sent events."""

from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.api.answers import Answers
from services.api.broadcast import Broadcast, Subject
from services.api.questions import WindowRequest
from services.runtime.problems import problem_responses

LONGEST_SECONDS = 3600.0
"""After which a client connects again, so that no connection outlives what lies between for ever."""


def stream_routes(answers: Answers, broadcast: Broadcast) -> APIRouter:
    """`/v1/stream`."""
    router = APIRouter(tags=["values"], responses=problem_responses(401, 404, 422))

    async def subjects(
        kpi: Annotated[list[str] | None, Query(description="By default all that are served.")] = None,
        window: Annotated[str | None, Query(description="By default each KPI's first.")] = None,
    ) -> list[Subject]:
        # Checked before the answer begins: a stream that has started can no longer say 404.
        found = [answers.questions.kpi(name) for name in kpi or answers.catalogue.kpis]
        return [
            (each.kpi, answers.questions.window(each, WindowRequest(window), answers.clock()).name) for each in found
        ]

    @router.get(
        "/v1/stream",
        operation_id="stream_values",
        summary="Values as they change",
        response_class=EventSourceResponse,
    )
    async def stream(subjects: Annotated[list[Subject], Depends(subjects)]) -> AsyncIterable[ServerSentEvent]:
        """Events named `value`, each with one value: first those of now, then whatever changes, within a second."""
        async for values in broadcast.listen(subjects, LONGEST_SECONDS):
            for value in values:
                yield ServerSentEvent(data=value.model_dump(mode="json"), event="value")

    return router
