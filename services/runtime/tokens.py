"""Tokens, and what the service keeps of them."""

import hashlib
import secrets
from enum import StrEnum

PREFIX = "kpi_"
"""By which people and scanners of secrets know a token where they see one."""
TOKEN_BYTES = 32


class Scope(StrEnum):
    """What a token lets its bearer do; `admin` everything."""

    events_write = "events:write"
    kpis_read = "kpis:read"
    kpis_record = "kpis:record"
    kpis_approve = "kpis:approve"
    metrics = "metrics"
    admin = "admin"


def new_token() -> str:
    """A token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is kept of a token, in hexadecimal. A fast hash is enough, since nobody can guess what is hashed."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
