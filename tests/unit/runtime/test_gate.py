"""Who may enter, how often, and what becomes of a file that changes while it is used."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Security
from httpx2 import ASGITransport, AsyncClient, Response

from services.runtime.buckets import Bucket, Limit
from services.runtime.credentials import TROUBLE, Credentials, CredentialsRefused
from services.runtime.gate import Caller, gate
from services.runtime.problems import install_problems
from services.runtime.tokens import Scope, new_token
from tests.credentials import credentials_in


class Hand:
    """A clock that is set by hand, in seconds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def ask(credentials: Credentials | None, header: str | None) -> Response:
    app = FastAPI()
    install_problems(app)
    enter = gate(credentials)

    @app.get("/whoami")
    async def whoami(caller: Annotated[Caller, Security(enter, scopes=[Scope.kpis_read])]) -> str:
        return caller.name

    headers = {"authorization": header} if header is not None else {}
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://service") as client:
        return await client.get("/whoami", headers=headers)


def problem(answer: Response, status: int, name: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"urn:kpi:problem:{name}"
    return found


@pytest.mark.parametrize("scopes", [("kpis:read",), ("events:write", "kpis:read"), ("admin",)])
async def test_a_known_token_is_known_by_name(tmp_path: Path, scopes: tuple[str, ...]) -> None:
    token, file = credentials_in(tmp_path, *scopes, name="wall")
    assert token not in file.read_text()
    answer = await ask(Credentials(file), f"Bearer {token}")
    assert (answer.status_code, answer.json()) == (200, "wall")


@pytest.mark.parametrize("header", [None, "Bearer {}x", "Basic {}", "Bearer "])
async def test_any_other_token_is_unknown(tmp_path: Path, header: str | None) -> None:
    token, file = credentials_in(tmp_path, "admin")
    answer = await ask(Credentials(file), header.format(token) if header is not None else None)
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert token not in answer.text


async def test_a_missing_scope_is_named(tmp_path: Path) -> None:
    token, file = credentials_in(tmp_path, "events:write", "kpis:record", "kpis:approve", "metrics")
    answer = await ask(Credentials(file), f"Bearer {token}")
    assert "kpis:read" in problem(answer, 403, "missing-scope")["detail"]
    assert 'scope="kpis:read"' in answer.headers["www-authenticate"]


async def test_without_credentials_anyone_enters_without_a_name() -> None:
    assert (await ask(None, None)).json() == ""


async def test_past_the_limit_it_is_said_when_to_come_again(tmp_path: Path) -> None:
    clock = Hand()
    token, file = credentials_in(tmp_path, "kpis:read", limit=Limit(per_second=0.25, burst=2))
    credentials = Credentials(file, clock)
    answers = [await ask(credentials, f"Bearer {token}") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    problem(answers[2], 429, "too-many-requests")
    headers = answers[2].headers
    assert headers["retry-after"] == "4"
    assert (headers["ratelimit-policy"], headers["ratelimit"]) == ('"credential";q=2;w=8', '"credential";r=0;t=4')
    clock.now += int(headers["retry-after"])
    assert (await ask(credentials, f"Bearer {token}")).status_code == 200


def test_a_bucket_never_holds_more_than_its_burst_and_time_does_not_go_back() -> None:
    bucket = Bucket(Limit(per_second=10, burst=3), 0)
    assert [bucket.draw(1000).allowed for _ in range(4)] == [True, True, True, False]
    assert not bucket.draw(0).allowed
    assert not bucket.draw(1000.05).allowed
    draw = bucket.draw(1000.1001)
    assert (draw.allowed, draw.left) == (True, 0)


def test_the_file_is_read_anew_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    clock = Hand()
    first, file = credentials_in(tmp_path, "kpis:read")
    credentials = Credentials(file, clock)
    second, _ = credentials_in(tmp_path, "kpis:read", name="another")
    assert credentials.find(first), "looked at again within the second"
    clock.now += 1
    assert credentials.find(first) is None
    assert credentials.find(second)
    for break_it in (lambda: file.write_text("{"), file.unlink):
        break_it()
        clock.now += 1
        assert credentials.find(second)
        assert credentials.trouble == TROUBLE
    third, _ = credentials_in(tmp_path, "kpis:read")
    clock.now += 1
    assert credentials.find(third)
    assert credentials.trouble is None


def test_a_file_that_is_absent_wrong_or_empty_is_refused_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    with pytest.raises(CredentialsRefused, match="kpi token"):
        Credentials(file)
    for text, words in (
        ("{}", "holds no credentials"),
        ("[]", "the file"),
        ('{"credentials": [{"name": "a", "scopes": ["x"], "sha256": "' + "0" * 64 + '"}]}', "/credentials/0/scopes/0"),
    ):
        file.write_text(text)
        with pytest.raises(CredentialsRefused, match=words):
            Credentials(file)


def test_tokens_are_long_and_never_alike() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(len(each) == len("kpi_") + 43 for each in made)
