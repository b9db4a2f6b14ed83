"""`kpi check --smart`, without an api and with one that knows what there was."""

import datetime
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from services.api.routes.values import value_routes
from services.cli.main import run
from services.runtime.ports import free_port
from services.runtime.problems import install_problems
from tests.pipeline import Pipeline, catalogue_of

CLICKS = """\
stream: web.click
partitions: 1
disorder: 0s
lateness: 0s
fields: {{campaign: string}}
---
kpi: clicks
title: Clicks
sentence: How many times people clicked on one of our advertisements.
department: marketing
unit: clicks
direction: up
kind: leading
owner: head of marketing
measures: {{clicks: {{from: web.click, aggregate: count}}}}
formula: clicks
windows: {{calendar: [day]}}
targets: [{{value: {target}, window: day, from: 2020-01-01, review: {review}}}]
---
objective: be_found
title: People find us
owner: head of marketing
kpis: [clicks]
"""
NEXT_YEAR = f"{datetime.datetime.now(datetime.UTC).year + 1}-12-31"


def written(folder: Path, target: int, review: str = NEXT_YEAR) -> str:
    (folder / "mine").mkdir(exist_ok=True)
    text = CLICKS.format(target=target, review=review)
    (folder / "mine" / "clicks.yaml").write_text(text)
    return text


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The api's routes over four days of clicks: 2, 3, 4, and 1 today."""
    now = datetime.datetime.now(datetime.UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    pipeline = Pipeline(catalogue_of(tmp_path, CLICKS.format(target=1, review=NEXT_YEAR)), now.isoformat())
    for ago, clicks in ((3, 2), (2, 3), (1, 4), (0, 1)):
        at = (now - datetime.timedelta(days=ago)).isoformat()
        pipeline.send("web.click", *({"time": at, "campaign": "spring"} for _ in range(clicks)))
    app = FastAPI()
    install_problems(app)
    app.include_router(value_routes(pipeline.answers))
    port = free_port("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    monkeypatch.setenv("KPI_API_PORT", str(port))
    yield
    server.should_exit = True
    thread.join()


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, list[str]]:
    status = run(["check", str(folder / "mine"), "--no-default-catalogue", "--smart", *more])
    return status, capsys.readouterr().out.splitlines()[1:]


def test_without_an_api_it_says_what_it_could_not_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATA_DIR", str(tmp_path / "data"))
    written(tmp_path, target=3)

    status, lines = checked(tmp_path, capsys)

    what = "which values there are, and whether targets can be met"
    assert status == 0
    assert lines == [
        f"not looked at: {what}: nothing runs on {tmp_path / 'data'}: start it with `kpi up`",
        "1 KPI is specific, measurable, achievable, relevant and dated, as far as that was looked at.",
    ]


@pytest.mark.usefixtures("api")
def test_a_target_that_was_met_is_one_that_can_be_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, target=4)

    assert checked(tmp_path, capsys) == (0, ["1 KPI is specific, measurable, achievable, relevant and dated."])


@pytest.mark.usefixtures("api")
def test_a_target_that_never_was_is_named_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = written(tmp_path, target=5, review="2020-12-31")
    line = 1 + text.count("\n", 0, text.index("kpi: clicks"))

    status, lines = checked(tmp_path, capsys)

    place = f"{tmp_path / 'mine' / 'clicks.yaml'}:{line}: clicks is not"
    missed = "the target was not met in any of the last 3 complete windows of day; the nearest was 4 clicks"
    assert status == 1
    assert lines == [
        f"{place} achievable: {missed}",
        f"{place} dated: its target was to be reviewed on 2020-12-31; set one that goes on from there",
        "2 gaps in 1 of 1 KPIs",
    ]


def test_mistakes_go_before_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = written(tmp_path, target=5)
    (tmp_path / "mine" / "clicks.yaml").write_text(text.replace("unit: clicks", "unti: clicks"))

    status, lines = checked(tmp_path, capsys)

    assert status == 1
    assert lines == ["1 mistake in 1 file"]


def test_without_a_folder_only_smart_has_something_to_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 2
    assert "name a folder of declarations" in capsys.readouterr().err
    assert run(["check", "--smart", "--pack", "sales"]) == 1
    assert "shipped: win_rate is not dated: its targets are the examples that were shipped" in capsys.readouterr().out
