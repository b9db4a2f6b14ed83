"""The api as a FastAPI app, from parts that are made elsewhere."""

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Response, Security
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from services.api.answers import Answers
from services.api.broadcast import Broadcast
from services.api.metrics import Metrics
from services.api.revalidation import install_revalidation, unless_known
from services.api.routes.annotations import annotation_routes
from services.api.routes.catalogue import catalogue_routes
from services.api.routes.status import status_routes
from services.api.routes.stream import stream_routes
from services.api.routes.values import value_routes
from services.runtime.credentials import Credentials, warnings_of
from services.runtime.gate import gate
from services.runtime.health import Readiness, health_routes
from services.runtime.openapi import document_problems
from services.runtime.problems import MEDIA_TYPE, ProblemDocument, install_problems, problem_responses
from services.runtime.tokens import Scope

STATIC = Path(__file__).parent / "static"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "Cache-Control": "no-cache",
}
DESCRIPTION = """Current values of key performance indicators, each with what it is made of: its window, watermark,
completeness, whether it is final, its revision and the version of its definition."""


def create_app(answers: Answers, broadcast: Broadcast, credentials: Credentials | None = None) -> FastAPI:
    """The app. Where `credentials` are given, everything but the page's files and the health routes wants one."""
    # FastAPI's own pages about the API load their scripts from elsewhere.
    app = FastAPI(title="KPI api", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    install_problems(app)
    install_revalidation(app, answers)
    caller = gate(credentials)
    guarded = APIRouter(
        dependencies=[Security(caller, scopes=[Scope.kpis_read]), Depends(unless_known)],
        responses=problem_responses(401, 403, 429),
    )
    for router in (
        catalogue_routes(answers),
        value_routes(answers),
        annotation_routes(answers),
        stream_routes(answers, broadcast),
        status_routes(answers),
    ):
        guarded.include_router(router)
    app.include_router(guarded)
    app.include_router(
        _metrics_route(answers),
        dependencies=[Security(caller, scopes=[Scope.metrics])],
        responses=problem_responses(401, 403, 429),
    )
    app.include_router(health_routes(lambda: readiness(answers, broadcast, credentials)))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers=PAGE_HEADERS)

    document_problems(app, ProblemDocument, MEDIA_TYPE)
    return app


def readiness(answers: Answers, broadcast: Broadcast, credentials: Credentials | None = None) -> Readiness:
    """Ready: the view holds everything, and is known to; not while stopping."""
    freshness = answers.freshness()
    reasons = [freshness.trouble] if freshness.trouble else []
    if broadcast.stopping:
        reasons.append("the service is stopping")
    elif freshness.recovered and answers.is_stale():
        reasons.append("the broker has not been heard for a while")
    return Readiness(ready=not reasons, reasons=tuple(reasons), warnings=warnings_of(credentials))


def _metrics_route(answers: Answers) -> APIRouter:
    router = APIRouter(tags=["status"])
    registry = CollectorRegistry()
    registry.register(Metrics(answers))
    ProcessCollector(registry=registry)

    @router.get(
        "/metrics",
        operation_id="get_metrics",
        summary="Values and the pipeline's health, for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    def metrics() -> Response:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router
