"""ETags name what an answer follows from: 304 exactly while that is the same, on every replica."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from kpi.entries import Ledger
from schemas.times import parse_time
from services.api.answers import Answers
from services.api.application import create_app
from services.api.broadcast import Broadcast
from services.api.feed import Freshness
from services.api.view import View
from services.runtime.credentials import Credentials
from tests.credentials import credentials_in
from tests.pipeline import MEMORY, Pipeline, catalogue_of

CATALOGUE = """
stream: web.click
partitions: 1
clock: replay
disorder: 0s
lateness: 5m
fields: {campaign: string}
---
kpi: clicks
title: Clicks
sentence: How many times people clicked.
department: marketing
unit: clicks
direction: up
kind: leading
owner: head of marketing
measures: {clicks: {from: web.click, aggregate: count}}
formula: clicks
dimensions: [campaign]
windows: {rolling: [5m], calendar: [day]}
"""
PATH = "/v1/kpis/clicks/value"


@pytest.fixture
def made(tmp_path: Path) -> Pipeline:
    pipeline = Pipeline(catalogue_of(tmp_path, CATALOGUE), now="2026-03-02T10:05:10Z")
    click(pipeline, "2026-03-02T10:04:00Z")
    return pipeline


def click(pipeline: Pipeline, time: str) -> None:
    pipeline.send("web.click", {"time": time, "campaign": "x"})


async def ask(answers: Answers, path: str = PATH, **headers: str) -> httpx2.Response:
    app = create_app(answers, Broadcast(answers, asyncio.Event()))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as client:
        return await client.get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})


async def test_answer_that_is_known_is_not_given_again(made: Pipeline) -> None:
    first = await ask(made.answers)
    tag = first.headers["etag"]
    assert (first.json()["value"], tag[:3], first.headers["cache-control"]) == (1, 'W/"', "private, no-cache")
    made.now += 1000
    for said in (tag, f'"other", {tag}', tag.removeprefix("W/")):
        again = await ask(made.answers, if_none_match=said)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    click(made, "2026-03-02T10:04:30Z")
    changed = await ask(made.answers, if_none_match=tag)
    assert (changed.status_code, changed.json()["value"]) == (200, 2)
    assert changed.headers["etag"] != tag


async def test_what_people_remark_makes_another_answer(made: Pipeline) -> None:
    first = await ask(made.answers)
    said = {"id": "1", "time": parse_time("2026-03-02T10:05:00Z"), "kpi": "clicks", "text": "A campaign began"}
    said |= {"source": "api", "from": "2026-03-02", "to": "2026-03-02", "author": "mia", "reason": "x"}
    ledger = Ledger.of([("kpi.annotation", said)])
    made.answers.ledger = lambda: ledger
    told = await ask(made.answers, if_none_match=first.headers["etag"])
    assert (told.status_code, [one["text"] for one in told.json()["annotations"]]) == (200, ["A campaign began"])


async def test_tag_is_of_the_question_and_of_the_minute(made: Pipeline) -> None:
    tag = (await ask(made.answers)).headers["etag"]
    for path in (f"{PATH}?window=day", f"{PATH}?campaign=x", "/v1/values"):
        assert (await ask(made.answers, path, if_none_match=tag)).status_code == 200
    assert (await ask(made.answers, if_none_match=tag, accept="text/csv")).status_code == 200
    # The rolling window moves on although nothing was written.
    made.now += 50_000
    moved = await ask(made.answers, if_none_match=tag)
    assert (moved.status_code, moved.json()["window"]["end"]) == (200, "2026-03-02T10:06:00Z")


async def test_replica_that_read_the_same_in_other_portions_has_the_same_tag(made: Pipeline) -> None:
    click(made, "2026-03-02T10:04:30Z")
    other = View.in_memory(made.plan, MEMORY)
    other.apply([record for _, record in made.settled()], {0: 17})
    replica = Answers(
        made.answers.catalogue,
        made.plan,
        other,
        lambda: Freshness(True, 0, made.now, None),
        lambda: made.now,
        ledger=made.answers.ledger,
    )
    mine, theirs = await ask(made.answers), await ask(replica)
    assert (mine.json(), mine.headers["etag"]) == (theirs.json(), theirs.headers["etag"])
    assert (await ask(replica, if_none_match=mine.headers["etag"])).status_code == 304


@pytest.mark.parametrize(("heard", "staleness"), [(None, "unknown"), (60_000, "60.000")])
async def test_what_is_stale_says_so_and_is_not_kept(made: Pipeline, heard: int | None, staleness: str) -> None:
    tag = (await ask(made.answers)).headers["etag"]
    made.answers.freshness = lambda: Freshness(heard is not None, 5, made.now - (heard or 0), "recovering")
    answer = await ask(made.answers, if_none_match=tag)
    assert (answer.status_code, answer.json()["stale"], "etag" in answer.headers) == (200, True, False)
    assert (answer.headers["cache-control"], answer.headers["retry-after"]) == ("no-store", "1")
    assert answer.headers["kpi-staleness-seconds"] == staleness


async def test_who_may_not_read_is_not_told_that_nothing_changed(made: Pipeline, tmp_path: Path) -> None:
    tag = (await ask(made.answers)).headers["etag"]
    _, file = credentials_in(tmp_path, "kpis:read")
    app = create_app(made.answers, Broadcast(made.answers, asyncio.Event()), Credentials(file))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as client:
        answer = await client.get(PATH, headers={"If-None-Match": tag})
    assert (answer.status_code, "etag" in answer.headers) == (401, False)


async def test_what_moves_by_itself_has_no_tag(made: Pipeline) -> None:
    assert "etag" not in (await ask(made.answers, "/v1/status")).headers
    assert "etag" not in (await ask(made.answers, "/v1/kpis/none/value")).headers
