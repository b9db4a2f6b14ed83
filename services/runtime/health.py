"""The routes that say whether a service lives, and whether it is ready to answer."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict


class Readiness(BaseModel):
    """Whether a service is ready; where it is not, why, in words for a person.

    `warnings`: what is wrong all the same.
    """

    model_config = ConfigDict(frozen=True)

    ready: bool
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Liveness(BaseModel):
    """The process answers."""

    alive: Literal[True] = True


def health_routes(readiness: Callable[[], Readiness]) -> APIRouter:
    """`/livez`: 200 while the process answers. `/readyz`, and `/healthz`: 200 when ready, else 503 with the reasons.

    `readiness` is asked on every call and must not block.
    """
    router = APIRouter(tags=["health"])

    @router.get("/livez", operation_id="live", summary="Does the process answer?")
    async def live() -> Liveness:
        return Liveness()

    @router.get("/healthz", operation_id="health", summary="The same as /readyz", responses=_UNREADY)
    @router.get("/readyz", operation_id="ready", summary="Is the service ready?", responses=_UNREADY)
    async def ready(response: Response) -> Readiness:
        answer = readiness()
        if not answer.ready:
            response.status_code = 503
        return answer

    return router


_UNREADY: dict[int | str, dict[str, type[Readiness]]] = {503: {"model": Readiness}}
