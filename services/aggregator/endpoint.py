"""A worker's own HTTP endpoint: its metrics, and whether it lives and is ready."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Response, Security
from mode import Service
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from services.runtime.credentials import Credentials, warnings_of
from services.runtime.gate import gate
from services.runtime.health import Readiness, health_routes
from services.runtime.ports import listen
from services.runtime.problems import install_problems
from services.runtime.serving import serve
from services.runtime.settings import Settings
from services.runtime.tokens import Scope


def endpoint(
    credentials: Credentials | None, registry: CollectorRegistry, readiness: Callable[[], Readiness]
) -> FastAPI:
    """`/metrics`, for callers with the scope `metrics` where tokens are asked for, and the health routes."""
    app = FastAPI(title="KPI worker", openapi_url=None)
    install_problems(app)
    app.include_router(health_routes(lambda: readiness().model_copy(update={"warnings": warnings_of(credentials)})))

    @app.get("/metrics", dependencies=[Security(gate(credentials), scopes=[Scope.metrics])])
    async def metrics() -> Response:
        # Between two batches, never beside one: then what was read and where it ended belong together.
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


class Endpoint(Service):
    """Serves the endpoint while the worker runs, on the wanted port or the next free one."""

    def __init__(self, settings: Settings, app: FastAPI, **service: Any) -> None:
        super().__init__(**service)
        self._settings, self._app = settings, app
        self._stop = asyncio.Event()

    async def on_stop(self) -> None:
        """Lets open requests end."""
        self._stop.set()

    @Service.task
    async def _serve(self) -> None:
        listener = listen(self._settings.worker_metrics_host, self._settings.worker_metrics_port)
        await serve(self._app, listener, self._stop)
