"""Requests to one service: its address, its token, and errors that are typed."""

from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from services.client.errors import Refused, ServiceError, Unreachable
from services.client.models import ProblemDocument

TIMEOUT_SECONDS = 10.0

Model = TypeVar("Model", bound=BaseModel)


class Transport:
    """A connection to `base_url` (`http://127.0.0.1:8080`). Use it as a context. Not for several threads at once."""

    def __init__(self, base_url: str, token: str | None = None, timeout: float = TIMEOUT_SECONDS) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A proxy from the environment has no business between two services of one machine.
        self._http = httpx2.Client(base_url=base_url, headers=headers, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def ready(self) -> bool:
        """Whether `/readyz` says so; False while nobody answers."""
        try:
            return self._http.get("/readyz").status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    def send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """One request. Raises `Unreachable` and `Refused`."""
        try:
            response = self._http.request(method, path, **options)
        except httpx2.TransportError as error:
            raise Unreachable(f"{self._http.base_url} does not answer ({type(error).__name__})") from None
        if response.is_error:
            raise Refused(_problem(response), _seconds(response.headers.get("Retry-After")))
        return response


def read(model: type[Model], response: httpx2.Response) -> Model:
    """The answer's body as `model`. Raises `ServiceError` where it is something else."""
    try:
        # A newer service may say more.
        return model.model_validate_json(response.content, extra="ignore")
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ServiceError(f"{response.url} answered something else than expected: {reason}") from None


def _problem(response: httpx2.Response) -> ProblemDocument:
    try:
        return ProblemDocument.model_validate_json(response.content)
    except ValidationError:
        return ProblemDocument(status=response.status_code, detail=f"{response.url} answered {response.status_code}")


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
