"""Ingest as a FastAPI app, from parts that are made elsewhere."""

from fastapi import APIRouter, FastAPI, Response, Security
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from schemas.kpis import Catalogue
from services.ingest.budget import Budget
from services.ingest.intake import Intake
from services.ingest.link import Link
from services.ingest.memory import Refusal
from services.ingest.metrics import Metrics
from services.ingest.routes import Door, event_routes, wanted_scopes
from services.ingest.writer import Writer
from services.runtime.clock import Clock
from services.runtime.credentials import Credentials, warnings_of
from services.runtime.gate import Gate, gate
from services.runtime.health import Readiness, health_routes
from services.runtime.problems import install_problems, problem_responses
from services.runtime.settings import Settings
from services.runtime.tokens import Scope

DESCRIPTION = """The door in. Events are judged by what their stream declares, written to Kafka, and only then answered.
What is rejected is written nowhere; what is accepted is not lost; what is sent again under its id counts once."""


def create_app(
    settings: Settings,
    catalogue: Catalogue,
    link: Link,
    clock: Clock,
    refusal: Refusal,
    *,
    credentials: Credentials | None = None,
) -> FastAPI:
    """The app. Where credentials are set, everything but the health routes wants one.

    `refusal` says why nothing can be taken now, in words for the caller, or None; it must not block.
    """
    # FastAPI's own pages about the API load their scripts from elsewhere.
    app = FastAPI(title="KPI ingest", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    install_problems(app)
    budget = Budget(settings.ingest_buffer_limit)
    metrics = Metrics(budget)
    caller = gate(credentials)
    intake = Intake(catalogue, Writer(link, budget), metrics, clock)
    door = Door(intake, budget, metrics, wanted_scopes(catalogue), settings.ingest_max_body_bytes, caller, refusal)
    app.include_router(event_routes(door))
    app.include_router(_metrics_route(metrics, caller))
    app.include_router(health_routes(lambda: _readiness(link, refusal, credentials)))
    return app


def _readiness(link: Link, refusal: Refusal, credentials: Credentials | None) -> Readiness:
    reasons = [] if link.producer is not None else ["Kafka does not answer"]
    refused = refusal()
    reasons += [refused] if refused is not None else []
    return Readiness(ready=not reasons, reasons=tuple(reasons), warnings=warnings_of(credentials))


def _metrics_route(metrics: Metrics, caller: Gate) -> APIRouter:
    wanted = [Security(caller, scopes=[Scope.metrics])]
    router = APIRouter(tags=["status"], dependencies=wanted, responses=problem_responses(401, 403, 429))

    @router.get(
        "/metrics",
        operation_id="get_metrics",
        summary="What was accepted and rejected, for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    def get_metrics() -> Response:
        return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router
