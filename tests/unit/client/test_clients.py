"""The clients against a real HTTP server that answers what it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.client.api import ApiClient, Asked
from services.client.errors import Refused, ServiceError, Unreachable
from services.client.ingest import IngestClient
from services.runtime.ports import free_port

PROBLEM = {
    "type": "urn:kpi:problem:invalid-events",
    "title": "No event is valid",
    "status": 422,
    "detail": "The event is not valid; see errors.",
    "errors": [{"pointer": "/amount", "reason": "not a number"}],
}


@contextmanager
def server(status: int, body: object, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """Answers every request alike; gives its address, and the requests' lines and tokens as they came."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.command} {self.path} {self.headers.get('Authorization')}")
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(answer)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}", seen
        finally:
            http.shutdown()
            thread.join()


def test_nobody_there_is_unreachable_and_not_ready() -> None:
    with ApiClient(f"http://127.0.0.1:{free_port('127.0.0.1', 0)}") as api:
        assert not api.ready()
        with pytest.raises(Unreachable, match="does not answer"):
            api.status()


def test_a_problem_is_raised_with_its_faults_and_its_delay() -> None:
    with server(503, {**PROBLEM, "status": 503}, Retry_After="5") as (url, _), ApiClient(url) as api:
        with pytest.raises(Refused, match=r"not valid; see errors\.; /amount: not a number") as refused:
            api.status()
        assert refused.value.retry_after == 5
        assert refused.value.problem.type == "urn:kpi:problem:invalid-events"


def test_an_error_that_is_no_problem_document_is_raised_too() -> None:
    with (
        server(502, b"<html>bad gateway</html>") as (url, _),
        ApiClient(url) as api,
        pytest.raises(Refused, match="502"),
    ):
        api.kpis()


def test_an_answer_of_something_else_is_said() -> None:
    with (
        server(200, {"hello": 1}) as (url, _),
        ApiClient(url) as api,
        pytest.raises(ServiceError, match="something else"),
    ):
        api.kpis()


def test_events_that_were_all_rejected_are_an_answer() -> None:
    rejected = [{"index": 0, "reason": "not a number", "pointer": "/amount"}]
    with server(422, {**PROBLEM, "accepted": 0, "rejected": rejected}) as (url, _), IngestClient(url) as ingest:
        answer = ingest.send_events("shop.sale", [{"id": "1", "amount": "many"}])
    assert answer.accepted == 0
    assert answer.rejected[0].pointer == "/amount"


def test_the_question_and_the_token_are_sent() -> None:
    with server(200, {"values": []}) as (url, seen), ApiClient(url, "a-long-enough-token") as api:
        asked = Asked("1h", "2026-11-22T14:00:00Z", complete=True, where={"team": "north"})
        assert api.values_by("bookings", ["team", "region"], asked) == ()
    query = "team=north&window=1h&at=2026-11-22T14%3A00%3A00Z&complete=true&by=team&by=region"
    assert seen == [f"GET /v1/kpis/bookings/values?{query} Bearer a-long-enough-token"]
