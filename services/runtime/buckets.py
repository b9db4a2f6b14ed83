"""How often somebody may ask: a bucket that fills up again."""

from dataclasses import dataclass
from math import ceil

from pydantic import BaseModel, ConfigDict, Field


class Limit(BaseModel):
    """So many requests a second in the long run, and `burst` at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_second: float = Field(gt=0, le=1e6)
    burst: int = Field(ge=1, le=10**6)


@dataclass(frozen=True, slots=True)
class Draw:
    """What came of a request. `left`: requests that may follow at once; `wait`: seconds until there is one again."""

    allowed: bool
    left: int
    wait: float


class Bucket:
    """Full at the beginning. Times are seconds of any clock that does not go back."""

    def __init__(self, limit: Limit, now: float) -> None:
        self.limit = limit
        self._level, self._at = float(limit.burst), now

    def draw(self, now: float) -> Draw:
        """Take one request out, if there is one."""
        self._level = min(self._level + max(now - self._at, 0) * self.limit.per_second, self.limit.burst)
        self._at = max(now, self._at)
        allowed = self._level >= 1
        if allowed:
            self._level -= 1
        return Draw(allowed, int(self._level), max(1 - self._level, 0) / self.limit.per_second)

    def headers(self, draw: Draw) -> dict[str, str]:
        """The state of the bucket for a refused caller, in whole seconds."""
        window = max(ceil(self.limit.burst / self.limit.per_second), 1)
        wait = max(ceil(draw.wait), 1)
        return {
            "Retry-After": str(wait),
            "RateLimit-Policy": f'"credential";q={self.limit.burst};w={window}',
            "RateLimit": f'"credential";r={draw.left};t={wait}',
        }
