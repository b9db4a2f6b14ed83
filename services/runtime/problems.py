"""Errors over HTTP as RFC 9457 problem details, the same for every service."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from services.runtime.openapi import document_problems

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:kpi:problem:"

logger = structlog.get_logger(__name__)


class Fault(BaseModel):
    """One thing that is wrong in a request: a JSON pointer into the body, or the name of a parameter."""

    model_config = ConfigDict(frozen=True)

    pointer: str | None = Field(None, examples=["/time"], description="RFC 6901 pointer into the request's body")
    parameter: str | None = Field(None, examples=["window"], description="Query, path or header parameter")
    reason: str = Field(examples=["not a time: give integer milliseconds or RFC 3339 with an offset"])


class ProblemDocument(BaseModel):
    """The body of every answer that is an error."""

    type: str = Field(examples=[TYPE_PREFIX + "invalid-request"], description="Stable; programs decide by this")
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class Problem(Exception):
    """An error with an HTTP answer. `name` is the stable last part of its type, `urn:kpi:problem:<name>`."""

    def __init__(
        self,
        *,
        status: int,
        name: str,
        title: str,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.document = ProblemDocument(
            type=TYPE_PREFIX + name, title=title, status=status, detail=detail, errors=list(errors)
        )
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """The answer: the problem document with its status and headers."""
        body = self.document.model_dump(exclude_none=True)
        return JSONResponse(body, self.document.status, self.headers, media_type=MEDIA_TYPE)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may answer with these statuses, for its OpenAPI document."""
    return {status: {"model": ProblemDocument} for status in statuses}


def install_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem document, and have its OpenAPI document say so.

    An unexpected error is logged by its type, and answered without its trace.
    """

    @app.exception_handler(Problem)
    async def answer_problem(_request: Request, error: Problem) -> JSONResponse:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [_fault(entry) for entry in error.errors()]
        detail = f"{len(faults)} thing{'s are' if len(faults) > 1 else ' is'} wrong in the request; see errors."
        return Problem(
            status=422, name="invalid-request", title="The request is not valid", detail=detail, errors=faults
        ).response()

    @app.exception_handler(HTTPException)
    async def answer_http(request: Request, error: HTTPException) -> JSONResponse:
        title = HTTPStatus(error.status_code).phrase
        name = title.lower().replace(" ", "-")
        detail = str(error.detail) if error.detail != title else _unrouted(request, error)
        return Problem(
            status=error.status_code, name=name, title=title, detail=detail, headers=error.headers
        ).response()

    @app.exception_handler(Exception)
    async def answer_unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("request failed", method=request.method, path=request.url.path, error=type(error).__name__)
        return Problem(
            status=500,
            name="internal-error",
            title="The service failed on this request",
            detail="Something unexpected went wrong here, not in the request. The service's log names it.",
        ).response()

    document_problems(app, ProblemDocument, MEDIA_TYPE)


def _unrouted(request: Request, error: HTTPException) -> str:
    """What is wrong with a request that has no route; the framework only repeats the name of the status."""
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return f"Nothing is served under {request.url.path}."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("Allow", "another method")
            return f"{request.method} means nothing to {request.url.path}: it takes {allowed}."
        case _:
            return str(error.detail)


def _fault(entry: Mapping[str, Any]) -> Fault:
    place, *steps = entry["loc"]
    if place != "body":
        return Fault(parameter=".".join(str(step) for step in steps), reason=entry["msg"])
    # A body that is not JSON is located by its byte, which is no pointer.
    path = [] if entry["type"] == "json_invalid" else steps
    return Fault(pointer="".join(f"/{_escape(str(step))}" for step in path), reason=entry["msg"])


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
