"""`kpi token`: made once, listed, taken back."""

from pathlib import Path

import pytest

from services.cli.main import run
from services.runtime.credentials import Credentials, read_credentials


def test_tokens_are_made_listed_and_revoked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new" / "credentials.json"
    monkeypatch.setenv("KPI_DATA_DIR", str(tmp_path))
    assert run(["token", "wall", "--scope", "kpis:read"]) == 2
    assert "KPI_CREDENTIALS_FILE" in capsys.readouterr().err
    monkeypatch.setenv("KPI_CREDENTIALS_FILE", str(file))
    made = []
    for words in (["--scope", "kpis:read"], ["--scope", "admin", "--per-second", "2", "--burst", "5"]):
        assert run(["token", "wall", *words]) == 0
        made.append(capsys.readouterr().out.strip())
    assert file.stat().st_mode & 0o777 == 0o600
    first, second = (Credentials(file).find(token) for token in made)
    assert first is not None
    assert second is not None
    assert (first.scopes, second.scopes, second.limit and second.limit.burst) == (("kpis:read",), ("admin",), 5)
    assert run(["token", "--list"]) == 0
    shown = capsys.readouterr().out
    assert first.sha256[:8] in shown
    assert not any(token in shown + file.read_text() for token in made)
    assert run(["token", "--revoke", first.sha256[:8]]) == 0
    assert Credentials(file).find(made[0]) is None
    assert Credentials(file).find(made[1]) == second
    assert run(["token", "--revoke", "nobody"]) == 1
    assert run(["token", "--revoke", "wall"]) == 0
    assert read_credentials(file).credentials == ()


@pytest.mark.parametrize("words", [[], ["a"], ["a", "--list"], ["a", "--scope", "x"], ["a b", "--scope", "admin"]])
def test_what_says_nothing_whole_makes_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KPI_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    assert run(["token", *words]) != 0
    assert not (tmp_path / "credentials.json").exists()
