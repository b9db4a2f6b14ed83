"""Who may enter, as a file states it, read anew when it changes."""

import hmac
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.runtime.buckets import Bucket, Draw, Limit
from services.runtime.tokens import Scope, digest

LOOK_SECONDS = 1.0
TROUBLE = "the file of credentials cannot be used: those that it held before are still valid"

logger = structlog.get_logger(__name__)


class CredentialsRefused(Exception):
    """The file of credentials cannot be used."""


class Credential(BaseModel):
    """One token of a caller. Several may have one name, while one of them replaces the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")
    scopes: tuple[Scope, ...] = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    created: str = ""
    limit: Limit | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it lets its bearer do this."""
        return scope in self.scopes or Scope.admin in self.scopes


class CredentialsFile(BaseModel):
    """The whole file. `limit` is of each credential that states none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Limit = Limit(per_second=500, burst=1000)
    credentials: tuple[Credential, ...] = ()


def read_credentials(path: Path) -> CredentialsFile:
    """Raises CredentialsRefused where the file is absent or holds anything else."""
    try:
        return CredentialsFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CredentialsRefused(f"{path}: {error.strerror}; `kpi token` makes it") from None
    except ValidationError as error:
        mistake = error.errors(include_input=False)[0]
        place = "".join(f"/{step}" for step in mistake["loc"])
        raise CredentialsRefused(f"{path}: {place or 'the file'}: {mistake['msg']}") from None


class Credentials:
    """Those of a file. Its clock gives seconds and does not go back.

    The file is looked at once a second at most; where it cannot be used any more, what it said before holds, and
    `trouble` says so. Raises CredentialsRefused where it cannot be used at the beginning, or holds nobody.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._seen, self._looked = _look(path), clock()
        self._file = read_credentials(path)
        if not self._file.credentials:
            raise CredentialsRefused(f"{path} holds no credentials: `kpi token NAME --scope …` makes one")
        self._buckets: dict[str, Bucket] = {}
        self.trouble: str | None = None

    def find(self, token: str) -> Credential | None:
        """The credential of a token."""
        self._refresh()
        given = digest(token)
        # Every one is compared, so that the time taken tells nothing about which one came near.
        found = [each for each in self._file.credentials if hmac.compare_digest(given, each.sha256)]
        return found[0] if found else None

    def draw(self, credential: Credential) -> tuple[Bucket, Draw]:
        """Count a request of its bearer."""
        limit, now = credential.limit or self._file.limit, self._clock()
        bucket = self._buckets.get(credential.sha256)
        if bucket is None or bucket.limit != limit:
            bucket = self._buckets[credential.sha256] = Bucket(limit, now)
        return bucket, bucket.draw(now)

    def _refresh(self) -> None:
        now = self._clock()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        seen = _look(self._path)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._file, self.trouble = read_credentials(self._path), None
        except CredentialsRefused as error:
            self.trouble = TROUBLE
            logger.error(TROUBLE, reason=str(error))
            return
        known = {each.sha256 for each in self._file.credentials}
        self._buckets = {name: bucket for name, bucket in self._buckets.items() if name in known}
        logger.info("the credentials were read anew", number=len(known))


def warnings_of(credentials: Credentials | None) -> tuple[str, ...]:
    """What is wrong with them, for a service that is ready all the same."""
    return (credentials.trouble,) if credentials is not None and credentials.trouble else ()


def _look(path: Path) -> tuple[int, ...]:
    """What changes whenever the file does; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ino, found.st_size
