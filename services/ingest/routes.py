"""The two routes that take events."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, Security

from schemas.kpis import Catalogue
from schemas.recorded import TARGETS
from services.ingest.answers import Accepted, answer, no_such_stream, unavailable
from services.ingest.bodies import read_body
from services.ingest.budget import Budget, BufferFull, Held
from services.ingest.examples import cloudevents_body, stream_body
from services.ingest.intake import Intake
from services.ingest.memory import Refusal
from services.ingest.metrics import Metrics
from services.ingest.parsing import (
    CLOUDEVENT,
    CLOUDEVENTS,
    JSON,
    NDJSON,
    binary_event,
    events_of,
    is_binary,
    media_type,
)
from services.ingest.writer import Header, NotWritten
from services.runtime.gate import Caller, Gate
from services.runtime.problems import Problem, problem_responses
from services.runtime.tokens import Scope

BUFFER_RETRY = 1
KAFKA_RETRY = 5
_REFUSALS = problem_responses(400, 401, 403, 404, 408, 413, 415, 422, 429, 503)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes need. `streams`: the scope that writing to each of them wants; `refusal` says why nothing can be
    taken now, in words, or None.
    """

    intake: Intake
    budget: Budget
    metrics: Metrics
    streams: Mapping[str, Scope]
    most_bytes: int
    caller: Gate
    refusal: Refusal


def wanted_scopes(catalogue: Catalogue) -> Mapping[str, Scope]:
    """By stream the scope that writing to it wants."""
    recorded = {name: Scope.kpis_record for name, stream in catalogue.streams.items() if stream.recorded}
    approved = {TARGETS: Scope.kpis_approve} if TARGETS in catalogue.streams else {}
    return dict.fromkeys(catalogue.streams, Scope.events_write) | recorded | approved


def event_routes(door: Door) -> APIRouter:
    """`POST /v1/streams/{stream}/events` and `POST /v1/events`."""
    router = APIRouter(tags=["events"])

    @router.post(
        "/v1/streams/{stream}/events",
        operation_id="send_events",
        summary="Send events of one stream",
        status_code=202,
        response_model=Accepted,
        responses=_REFUSALS,
        openapi_extra=stream_body(),
    )
    async def send_events(
        request: Request,
        stream: Annotated[str, Path(examples=["sales.call"])],
        caller: Annotated[Caller, Security(door.caller)],
    ) -> Response:
        """An object, an array of objects, or one object a line. Each is judged by itself.

        Wants the scope `events:write`; `kpis:record` for streams of what people record, `kpis:approve` for targets.
        """
        if stream not in door.streams:
            raise no_such_stream(stream, door.streams)
        caller.must(door.streams[stream])
        return await _take(door, request, stream, caller)

    @router.post(
        "/v1/events",
        operation_id="send_cloudevents",
        summary="Send CloudEvents of any stream",
        status_code=202,
        response_model=Accepted,
        responses=_REFUSALS,
        openapi_extra=cloudevents_body(),
    )
    async def send_cloudevents(request: Request, caller: Annotated[Caller, Security(door.caller)]) -> Response:
        """Structured, batched, or binary with `ce-…` headers. The type of each is `<stream>.v1`.

        Wants the scopes of all streams among them, as `send_events` does; where one is missing, none is taken.
        """
        return await _take(door, request, None, caller)

    return router


async def _take(door: Door, request: Request, stream: str | None, caller: Caller) -> Response:
    try:
        return await _taken(door, request, stream, caller)
    except BufferFull as error:
        problem = unavailable("buffer-full", f"Too much is waiting already: {error}.", BUFFER_RETRY)
    except NotWritten as error:
        detail = f"{error}: send the same events again, under the same ids; what was written all the same counts once."
        problem = unavailable("kafka-unavailable", detail, KAFKA_RETRY)
    except Problem as error:
        problem = error
    door.metrics.refused.labels(problem.document.type.rpartition(":")[2]).inc()
    raise problem


async def _taken(door: Door, request: Request, stream: str | None, caller: Caller) -> Response:
    refusal = door.refusal()
    if refusal is not None:
        raise unavailable("no-room", refusal, KAFKA_RETRY)
    binary = is_binary(request.headers)
    kind = media_type(request.headers, _accepted(stream, binary))
    if stream is None and kind == JSON and not binary:
        raise _no_stream()
    with Held(door.budget) as held:
        body = await read_body(request, door.most_bytes, held)
        given = iter([binary_event(request.headers, body)]) if binary else events_of(body, kind)
        single = binary or kind == CLOUDEVENT or (kind == JSON and body.lstrip()[:1] != b"[")
        outcome = await door.intake.take(
            given, stream, caller.name, tuple(_headers(request)), lambda name: caller.must(door.streams[name])
        )
    return answer(outcome, single)


def _accepted(stream: str | None, binary: bool) -> tuple[str, ...]:
    if binary:
        return (JSON,)
    return (CLOUDEVENT, CLOUDEVENTS, JSON) if stream is None else (JSON, NDJSON, CLOUDEVENT, CLOUDEVENTS)


def _headers(request: Request) -> list[Header]:
    traceparent = request.headers.get("traceparent", "")
    with suppress(UnicodeEncodeError):
        return [("traceparent", traceparent.encode("ascii"))] if _TRACEPARENT.fullmatch(traceparent) else []
    return []


def _no_stream() -> Problem:
    return Problem(
        status=422,
        name="no-stream",
        title="Which stream are these events of?",
        detail="Plain JSON goes to /v1/streams/{stream}/events; here come CloudEvents, whose type names the stream.",
    )
