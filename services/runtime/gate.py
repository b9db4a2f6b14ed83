"""The check of bearer tokens in front of the routes of a service."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from services.runtime.credentials import Credential, Credentials
from services.runtime.problems import Problem
from services.runtime.settings import Settings, is_loopback
from services.runtime.tokens import Scope

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; nobody in particular where nobody is asked for a token."""

    credential: Credential | None = None

    @property
    def name(self) -> str:
        """As the credential states it, or empty."""
        return self.credential.name if self.credential else ""

    def must(self, scope: Scope) -> None:
        """Raises a 403 `Problem` where the caller may not do this."""
        if self.credential is not None and not self.credential.may(scope):
            raise Problem(
                status=403,
                name="missing-scope",
                title="The token does not allow this",
                detail=f"This wants the scope {scope}, which the token of {self.name} lacks.",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            )


Gate = Callable[..., Coroutine[Any, Any, Caller]]
"""A FastAPI dependency that gives the caller; wanted scopes are stated by `Security(gate, scopes=[…])`."""


def gate(credentials: Credentials | None) -> Gate:
    """A gate that anyone passes where there are no credentials.

    It raises a `Problem`: 401 for a missing or unknown token, 403 where it lacks a scope, 429 past its limit.
    """
    scheme = HTTPBearer(auto_error=False, description="A token that `kpi token` made.")

    async def enter(
        wanted: SecurityScopes, given: Annotated[HTTPAuthorizationCredentials | None, Security(scheme)]
    ) -> Caller:
        if credentials is None:
            return Caller()
        if given is None:
            raise _unknown("This service wants a token: send the header `Authorization: Bearer <token>`.", "Bearer")
        credential = credentials.find(given.credentials)
        if credential is None:
            raise _unknown("The token is not one of those that this service knows.", 'Bearer error="invalid_token"')
        bucket, draw = credentials.draw(credential)
        if not draw.allowed:
            limit = bucket.limit
            raise Problem(
                status=429,
                name="too-many-requests",
                title="Too many requests",
                detail=f"{credential.name} may ask {limit.per_second:g} times a second, {limit.burst} times at once.",
                headers=bucket.headers(draw),
            )
        caller = Caller(credential)
        for scope in wanted.scopes:
            caller.must(Scope(scope))
        return caller

    return enter


def credentials_of(settings: Settings, host: str) -> Credentials | None:
    """Who may enter a service that listens on `host`; None: anyone. Raises CredentialsRefused."""
    if settings.credentials_file is not None:
        return Credentials(settings.credentials_file)
    if not is_loopback(host):
        logger.warning("anyone who reaches this address may enter: nobody is asked for a token", host=host)
    return None


def _unknown(detail: str, challenge: str) -> Problem:
    return Problem(
        status=401, name="unauthorized", title="Not authorised", detail=detail, headers={"WWW-Authenticate": challenge}
    )
