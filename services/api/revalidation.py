"""Answers that a client may keep: what they follow from as an ETag, and 304 where that is the same as before."""

import hashlib
import json

from fastapi import FastAPI, Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kpi.grains import MINUTE
from services.api.answers import Answers

STALENESS = "KPI-Staleness-Seconds"
RETRY_SECONDS = 1
_MOVING = frozenset({"/v1/stream", "/v1/status"})
"""What changes by itself, from one moment to the next."""


class NotModified(Exception):
    """The client has the answer already."""


class Revalidation:
    """Middleware: gives what is read below `/v1/` a weak ETag, and says how stale the view is where it is.

    An answer follows from the flushes that the view holds, the definitions, the request, and the minute, since windows
    begin and end with minutes. `as_of` and `lag_seconds` alone move within one, hence a weak tag. It is the same on
    every replica. It is taken before the answer is, so that it never names a state that the answer does not hold yet.
    """

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self._app, self._answers = app, answers
        declared = [kpi.model_dump_json(by_alias=True) for kpi in answers.catalogue.kpis.values()]
        reporting = answers.catalogue.reporting.model_dump_json()
        definitions = [answers.plan.catalogue, sorted(answers.versions.items()), declared, reporting]
        self._definitions = _digest(definitions)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET" or not path.startswith("/v1/") or path in _MOVING:
            await self._app(scope, receive, send)
            return
        stale = self._answers.is_stale()
        tag = None if stale else self._tag(scope)
        scope.setdefault("state", {})["etag"] = tag

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                self._state(MutableHeaders(scope=message), tag)
            await send(message)

        await self._app(scope, receive, sent)

    def _state(self, headers: MutableHeaders, tag: str | None) -> None:
        headers.add_vary_header("Accept")
        if tag is not None:
            headers["ETag"] = tag
            headers.setdefault("Cache-Control", "private, no-cache")
            return
        headers["Cache-Control"] = "no-store"
        headers["Retry-After"] = str(RETRY_SECONDS)
        staleness = self._answers.freshness().staleness(self._answers.clock())
        headers[STALENESS] = "unknown" if staleness is None else f"{staleness:.3f}"

    def _tag(self, scope: Scope) -> str:
        asked = [scope["path"], scope["query_string"].decode("latin-1"), Headers(scope=scope).get("accept", "")]
        minute = self._answers.clock() // MINUTE
        return f'W/"{_digest([self._answers.state, self._definitions, minute, asked])}"'


def unless_known(request: Request) -> None:
    """Raises NotModified where the client names the tag that its answer would have. A dependency, behind that of the
    credentials.
    """
    tag = getattr(request.state, "etag", None)
    known = ",".join(request.headers.getlist("if-none-match")).split(",")
    if tag is not None and tag.removeprefix("W/") in {each.strip().removeprefix("W/") for each in known}:
        raise NotModified


def install_revalidation(app: FastAPI, answers: Answers) -> None:
    """Have `app` tag its answers, and answer 304 to `unless_known`."""
    app.add_middleware(Revalidation, answers=answers)

    @app.exception_handler(NotModified)
    async def not_modified(_request: Request, _error: NotModified) -> Response:
        return Response(status_code=304)


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:24]
