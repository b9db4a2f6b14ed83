"""What the command line says when it is asked wrongly: one line each, and an exit status."""

from pathlib import Path

import orjson
import pytest

from services.cli.main import run

PIZZERIA = Path(__file__).parents[3] / "examples" / "pizzeria"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("KPI_API_PORT", "KPI_API_HOST", "KPI_KAFKA_BOOTSTRAP_SERVERS", "KPI_CATALOGUE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KPI_DATA_DIR", str(tmp_path))
    return tmp_path


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gte"]) == 2
    assert capsys.readouterr().err == "error: No such command 'gte'. Did you mean 'get'? See `kpi --help`.\n"


def test_every_wrong_setting_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_API_PROT", "1")
    monkeypatch.setenv("KPI_API_PORT", "many")
    assert run(["status"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "error: KPI_API_PROT: there is no such setting; did you mean KPI_API_PORT?"
    assert lines[1].startswith("error: KPI_API_PORT: ")
    assert len(lines) == 2


@pytest.mark.parametrize("command", [["get", "bookings"], ["watch"], ["status"], ["topics"]])
def test_without_services_the_way_to_start_them_is_said(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    assert "kpi up" in err


def test_a_named_api_that_does_not_answer_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_API_PORT", "9")
    assert run(["status"]) == 1
    assert capsys.readouterr().err == "error: http://127.0.0.1:9 does not answer (ConnectError)\n"


def test_a_broken_catalogue_names_file_and_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "shop.yaml").write_text("stream: shop.sale\nfields:\n  amount: {type: decimall}\n")
    assert run(["topics", "--no-default-catalogue", "--catalogue", str(folder / "mine")]) == 1
    assert "shop.yaml:3: " in capsys.readouterr().err


def test_check_config_masks_secrets(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_TOKEN", "a-long-enough-token")
    assert run(["--check-config"]) == 0
    printed = capsys.readouterr().out
    assert orjson.loads(printed)["KPI_TOKEN"] == "**********"
    assert "a-long-enough-token" not in printed


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("kpi ")


def test_a_data_folder_that_cannot_be_one_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "file"
    file.touch()
    monkeypatch.setenv("KPI_DATA_DIR", str(file))
    assert run(["up", "--no-default-catalogue", "--catalogue", str(PIZZERIA)]) == 1
    assert capsys.readouterr().err == (
        f"error: {file} cannot be the data folder (File exists): set KPI_DATA_DIR to one that can be written\n"
    )
    assert run(["status"]) == 1
    assert capsys.readouterr().err == f"error: nothing runs on {file}: start it with `kpi up`\n"


def test_a_folder_that_cannot_be_written_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "file").touch()
    assert run(["rules", "--out", str(folder / "file")]) == 1
    assert capsys.readouterr().err == f"error: {folder / 'file'}: File exists\n"
