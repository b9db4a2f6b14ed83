"""Ingest as a FastAPI app, from parts that are made elsewhere."""

from collections.abc import Callable

from fastapi import APIRouter, Depends, FastAPI, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from schemas.kpis import Catalogue
from services.ingest.budget import Budget
from services.ingest.intake import Intake
from services.ingest.link import Link
from services.ingest.memory import Refusal
from services.ingest.metrics import Metrics
from services.ingest.routes import Door, event_routes
from services.ingest.writer import Writer
from services.runtime.clock import Clock
from services.runtime.credentials import bearer
from services.runtime.health import Readiness, health_routes
from services.runtime.problems import install_problems
from services.runtime.settings import Settings

DESCRIPTION = """The door in. Events are judged by what their stream declares, written to Kafka, and only then answered.
What is rejected is written nowhere; what is accepted is not lost; what is sent again under its id counts once."""


def create_app(settings: Settings, catalogue: Catalogue, link: Link, clock: Clock, refusal: Refusal) -> FastAPI:
    """The app. Where credentials are set, everything but the health routes wants one.

    `refusal` says why nothing can be taken now, in words for the caller, or None; it must not block.
    """
    # FastAPI's own pages about the API load their scripts from elsewhere.
    app = FastAPI(title="KPI ingest", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    install_problems(app)
    budget = Budget(settings.ingest_buffer_limit)
    metrics = Metrics(budget)
    caller = bearer(settings.ingest_credentials)
    intake = Intake(catalogue, Writer(link, budget), metrics, clock)
    door = Door(intake, budget, metrics, catalogue.streams.keys(), settings.ingest_max_body_bytes, caller, refusal)
    app.include_router(event_routes(door))
    app.include_router(_metrics_route(metrics, caller))
    app.include_router(health_routes(lambda: _readiness(link, refusal)))
    return app


def _readiness(link: Link, refusal: Refusal) -> Readiness:
    reasons = [] if link.producer is not None else ["Kafka does not answer"]
    refused = refusal()
    return Readiness(ready=not reasons and refused is None, reasons=(*reasons, *([refused] if refused else [])))


def _metrics_route(metrics: Metrics, caller: Callable[..., str]) -> APIRouter:
    router = APIRouter(tags=["status"], dependencies=[Depends(caller)])

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
