"""`kpi catalogue`: pages, and the schema for editors."""

import json
from pathlib import Path

import pytest

from schemas.documents import catalogue_schema
from services.cli.main import run
from services.runtime.catalogue import load


def test_pages_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "pages" / "of mine"

    assert run(["catalogue", "docs", "--out", str(folder), "--pack", "sales"]) == 0

    names = {f"{name}.md" for name in load([], packs=["sales"]).kpis}
    assert {file.name for file in folder.iterdir()} == {"index.md", *names}
    assert f"{len(names) + 1} pages, beginning with {folder / 'index.md'}" in capsys.readouterr().out


def test_mistakes_are_said_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.yaml").write_text("kpi: x\n")

    assert run(["catalogue", "docs", "--out", str(tmp_path / "pages"), "--catalogue", str(tmp_path)]) == 1

    assert f"error: {tmp_path / 'mine.yaml'}:1: 'title' is missing" in capsys.readouterr().err
    assert not (tmp_path / "pages").exists()


def test_the_schema_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalogue", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == catalogue_schema()

    file = tmp_path / "editor" / "kpi.schema.json"
    assert run(["catalogue", "schema", "--out", str(file)]) == 0
    assert json.loads(file.read_text()) == catalogue_schema()
    assert f"# yaml-language-server: $schema={file}" in capsys.readouterr().out
