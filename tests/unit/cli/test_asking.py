"""What `kpi get` prints, against a server that answers as the api does."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest

from services.cli.main import run
from tests.unit.cli.test_rendering import value


class Answering(ThreadingHTTPServer):
    """Answers every GET with the same JSON."""

    answer: object = None


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Answering)
        body = orjson.dumps(self.server.answer)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test says what it has to say."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    with Answering(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("KPI_API_PORT", str(server.server_port))
        yield server
        server.shutdown()
        thread.join()


def plain(**fields: object) -> dict[str, object]:
    return value(**fields).model_dump(mode="json")


@pytest.mark.parametrize("name", ["[red]Bo[/red]", "[/x]", "a]b["])
def test_brackets_in_what_senders_wrote_are_shown_as_they_are(
    api: Answering, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer = {"values": [plain(dimensions={"team": name})]}
    assert run(["get", "k", "--by", "team"]) == 0
    assert name in capsys.readouterr().out
    api.answer = plain(dimensions={"team": name})
    assert run(["get", "k"]) == 0
    assert f"team={name}" in capsys.readouterr().out


def test_a_breakdown_says_of_which_window_and_also_that_there_is_nothing(
    api: Answering, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answer = {"values": [plain(dimensions={"team": "north"})]}
    assert run(["get", "k", "--by", "team"]) == 0
    assert capsys.readouterr().out.startswith("k, 5m, 2026-11-22T14:00:00Z to 2026-11-22T14:05:00Z (UTC)\n")
    api.answer = {"values": []}
    assert run(["get", "k", "--by", "team"]) == 0
    assert capsys.readouterr().out == "nothing by team in this window\n"


def test_json_is_the_answer_of_the_api(api: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer = {"values": [plain(dimensions={"team": "north"})]}
    assert run(["get", "k", "--by", "team", "--json"]) == 0
    assert orjson.loads(capsys.readouterr().out) == api.answer


def test_a_null_is_said_in_words(api: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer = plain(value=None, reason="not_served")
    assert run(["get", "k"]) == 0
    assert "no value: the KPI is not served for this window (not_served)" in capsys.readouterr().out


def test_what_senders_wrote_steers_no_terminal(api: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    api.answer = {"values": [plain(dimensions={"team": "\x1b[31mred\x07"}, unit="money", currency="\x1b[2J")]}
    assert run(["get", "k", "--by", "team"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "�[31mred�" in shown
