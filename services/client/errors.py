"""How a request to a service can fail."""

from services.client.models import ProblemDocument


class ServiceError(Exception):
    """A request to a service did not succeed."""


class Unreachable(ServiceError):
    """Nobody answered at the address, or not in time."""


class Refused(ServiceError):
    """The service answered with an error; `problem` is its document, `retry_after` in seconds where it said when."""

    def __init__(self, problem: ProblemDocument, retry_after: float | None = None) -> None:
        self.problem = problem
        self.retry_after = retry_after
        said = problem.detail or problem.title
        # Some details name the only fault already.
        more = [fault for fault in problem.errors if fault.reason not in said]
        places = (f"; {fault.pointer or fault.parameter or 'body'}: {fault.reason}" for fault in more)
        super().__init__(said + "".join(places))
