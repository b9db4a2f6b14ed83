"""Every error over HTTP is a problem document, and none tells what went on inside."""

import pytest
from fastapi import FastAPI, HTTPException
from httpx2 import ASGITransport, AsyncClient, Response
from pydantic import BaseModel

from services.runtime.problems import Fault, Problem, install_problems, problem_responses


class Call(BaseModel):
    seconds: int


class Batch(BaseModel):
    calls: dict[str, Call]


def _app() -> FastAPI:
    app = FastAPI()
    install_problems(app)

    @app.post("/calls", responses=problem_responses(409))
    async def calls(batch: Batch, limit: int = 1) -> int:
        return len(batch.calls) + limit

    @app.get("/taken")
    async def taken() -> None:
        fault = Fault(pointer="/id", reason="seen before")
        raise Problem(status=409, name="taken", title="Taken", detail="It is there.", errors=[fault])

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the inner secret")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, "short and stout")

    return app


async def _send(method: str, path: str, **more: object) -> Response:
    transport = ASGITransport(app=_app(), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.request(method, path, **more)  # type: ignore[arg-type] # passed through as given


def _is_problem(response: Response) -> None:
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == response.status_code
    assert response.json()["type"].startswith("urn:kpi:problem:")


async def test_a_problem_states_type_and_faults() -> None:
    response = await _send("GET", "/taken")
    _is_problem(response)
    assert response.json() == {
        "type": "urn:kpi:problem:taken",
        "title": "Taken",
        "status": 409,
        "detail": "It is there.",
        "errors": [{"pointer": "/id", "reason": "seen before"}],
    }


async def test_a_wrong_body_is_pointed_into() -> None:
    response = await _send("POST", "/calls?limit=x", json={"calls": {"a/b~c": {"seconds": "many"}}})
    _is_problem(response)
    assert response.status_code == 422
    faults = response.json()["errors"]
    assert [fault.get("pointer", fault.get("parameter")) for fault in faults] == ["limit", "/calls/a~1b~0c/seconds"]


async def test_a_body_that_is_no_json_is_said_as_a_whole() -> None:
    headers = {"content-type": "application/json"}
    response = await _send("POST", "/calls", content=b"{", headers=headers)
    _is_problem(response)
    assert response.json()["errors"][0]["pointer"] == ""


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/absent", 404, "Nothing is served under /absent."),
        ("/teapot", 418, "short and stout"),
        ("/calls", 405, "GET means nothing to /calls: it takes POST."),
    ],
)
async def test_the_framework_answers_with_problems_too(path: str, status: int, detail: str) -> None:
    response = await _send("GET", path)
    _is_problem(response)
    assert (response.status_code, response.json()["detail"]) == (status, detail)


async def test_an_unexpected_error_tells_nothing() -> None:
    response = await _send("GET", "/broken")
    _is_problem(response)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text


async def test_the_document_says_that_errors_are_problems() -> None:
    document = (await _send("GET", "/openapi.json")).json()
    answers = document["paths"]["/calls"]["post"]["responses"]
    for status in ("409", "422"):
        assert list(answers[status]["content"]) == ["application/problem+json"]
        assert answers[status]["content"]["application/problem+json"]["schema"]["$ref"].endswith("/ProblemDocument")
    assert {"ProblemDocument", "Fault"} <= document["components"]["schemas"].keys()
    assert "HTTPValidationError" not in document["components"]["schemas"]
