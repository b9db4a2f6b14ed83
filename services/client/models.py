"""What the two HTTP services answer beside the value objects of `schemas.answers`."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Base of every answer: immutable, open to more fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Rejected(Answer):
    """An event that was not taken: its place in the request, why, and where in the event (a JSON pointer)."""

    index: int
    reason: str
    pointer: str = ""


class Accepted(Answer):
    """What became of the events of one request."""

    accepted: int
    rejected: tuple[Rejected, ...] = ()
    token: str | None = None


class Fault(Answer):
    """One thing that is wrong in a request."""

    pointer: str | None = None
    parameter: str | None = None
    reason: str = ""


class ProblemDocument(Answer):
    """An error answer (RFC 9457); `rejected` where no event of a request was taken."""

    type: str = ""
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: tuple[Fault, ...] = ()
    rejected: tuple[Rejected, ...] = ()
