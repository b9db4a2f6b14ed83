"""What ingest answers: what was accepted, what was not and why, and the problems in front of both."""

from collections.abc import Iterable

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from schemas.receipts import encode_receipt
from services.ingest.intake import Outcome, Rejected
from services.ingest.suggestions import did_you_mean
from services.runtime.problems import MEDIA_TYPE, Fault, Problem

MOST_FAULTS = 1000
"""Mistakes that one answer lists."""


class RejectedEvent(BaseModel):
    """An event that was not taken, and is written nowhere."""

    model_config = ConfigDict(frozen=True)

    index: int = Field(description="Its place in the request, from 0", examples=[3])
    reason: str = Field(examples=["unknown value; known are out, in"])
    pointer: str = Field(description="RFC 6901 pointer into the event", examples=["/direction"])


class Accepted(BaseModel):
    """The accepted events stand on Kafka, confirmed by all replicas in sync."""

    model_config = ConfigDict(frozen=True)

    accepted: int = Field(examples=[2])
    rejected: list[RejectedEvent] = []
    token: str | None = Field(
        None,
        description="Names the written offsets, for who wants to wait until they are counted",
        examples=["eyJzYWxlcy5jYWxsLnYxIjp7IjAiOjQxfX0"],
    )


def answer(outcome: Outcome, single: bool) -> Response:
    """202 where at least one event was accepted, else a 422 problem that lists the rejected as well.

    `single`: the request was one event, so that pointers into the body are pointers into it.
    """
    rejected = [_rejected(each) for each in outcome.rejected]
    if outcome.accepted:
        token = encode_receipt(outcome.offsets)
        accepted = Accepted(accepted=outcome.accepted, rejected=rejected, token=token)
        return JSONResponse(accepted.model_dump(), status_code=202)
    document = Problem(
        status=422,
        name="invalid-events",
        title="No event is valid",
        detail=_detail(len(rejected)),
        errors=list(_faults(outcome.rejected, single))[:MOST_FAULTS],
    ).document.model_dump(exclude_none=True)
    listed = [each.model_dump() for each in rejected]
    return JSONResponse({**document, "accepted": 0, "rejected": listed}, status_code=422, media_type=MEDIA_TYPE)


def no_such_stream(name: str, known: Iterable[str]) -> Problem:
    """404 with the nearest name."""
    return Problem(
        status=404,
        name="unknown-stream",
        title="There is no such stream",
        detail=f"No stream of the catalogue is called {name!r}{did_you_mean(name, known)}",
    )


def unavailable(name: str, detail: str, retry_after: int) -> Problem:
    """503: nothing is wrong with the request; the same one may be sent again after so many seconds."""
    return Problem(
        status=503,
        name=name,
        title="Events cannot be taken now",
        detail=detail,
        headers={"Retry-After": str(retry_after)},
    )


def _rejected(each: Rejected) -> RejectedEvent:
    first = each.mistakes[0]
    return RejectedEvent(index=each.index, reason=first.reason, pointer=first.pointer)


def _faults(rejected: Iterable[Rejected], single: bool) -> Iterable[Fault]:
    for each in rejected:
        for mistake in each.mistakes:
            # Lines have no pointers into the body: their place stands in front all the same.
            place = each.pointer or ("" if single else f"/{each.index}")
            yield Fault(pointer=place + mistake.pointer, reason=mistake.reason)


def _detail(count: int) -> str:
    if not count:
        return "The body holds no event."
    return "The event is not valid; see errors." if count == 1 else f"All {count} events are not valid; see errors."
