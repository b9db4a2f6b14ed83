"""The health routes answer for the process and for its readiness apart."""

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from services.runtime.health import Readiness, health_routes


async def _statuses(readiness: Readiness) -> dict[str, int]:
    app = FastAPI()
    app.include_router(health_routes(lambda: readiness))
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://service") as client:
        return {path: (await client.get(path)).status_code for path in ("/livez", "/readyz", "/healthz")}


async def test_ready() -> None:
    assert await _statuses(Readiness(ready=True)) == {"/livez": 200, "/readyz": 200, "/healthz": 200}


async def test_alive_but_not_ready() -> None:
    unready = Readiness(ready=False, reasons=("recovering partition 3",))
    assert await _statuses(unready) == {"/livez": 200, "/readyz": 503, "/healthz": 503}


async def test_the_reasons_are_told() -> None:
    app = FastAPI()
    app.include_router(health_routes(lambda: Readiness(ready=False, reasons=("recovering partition 3",))))
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://service") as client:
        assert (await client.get("/readyz")).json() == {
            "ready": False,
            "reasons": ["recovering partition 3"],
            "warnings": [],
        }
