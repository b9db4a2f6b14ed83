"""The check of bearer tokens in front of an HTTP route."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.runtime.problems import Problem
from services.runtime.tokens import Credential


def bearer(credentials: Sequence[Credential]) -> Callable[..., str]:
    """A FastAPI dependency that gives the caller's name, `""` where no credentials are configured.

    Raises a 401 `Problem` for a missing or unknown token.
    """
    known = [(credential.name, _digest(credential.token.get_secret_value())) for credential in credentials]
    scheme = HTTPBearer(auto_error=False, description="A token from the service's credentials setting.")

    def caller(given: Annotated[HTTPAuthorizationCredentials | None, Security(scheme)]) -> str:
        if not known:
            return ""
        if given is None:
            raise _refusal("This service wants a token: send the header `Authorization: Bearer <token>`.")
        digest = _digest(given.credentials)
        # Every token is compared, so that the time taken tells nothing about which one came near.
        matches = [name for name, expected in known if hmac.compare_digest(digest, expected)]
        if not matches:
            raise _refusal("The token is not one of those that this service was started with.")
        return matches[0]

    return caller


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _refusal(detail: str) -> Problem:
    return Problem(
        status=401, name="unauthorized", title="Not authorised", detail=detail, headers={"WWW-Authenticate": "Bearer"}
    )
