"""Settings: where they come from, what is refused, and that secrets stay hidden."""

import json
import os
from pathlib import Path

import pytest

from services.runtime.settings import Settings, effective
from services.runtime.settings_errors import SettingsRefused

TOKEN = "0123456789abcdef"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("KPI_")]:
        monkeypatch.delenv(variable)


def _mistakes(**overrides: object) -> dict[str, str]:
    with pytest.raises(SettingsRefused) as refused:
        Settings.load(**overrides)
    return {mistake.variable: mistake.reason for mistake in refused.value.mistakes}


def test_defaults_listen_on_loopback_with_the_embedded_broker() -> None:
    settings = Settings.load()
    assert settings.kafka_bootstrap_servers is None
    assert {settings.api_host, settings.ingest_host, settings.worker_metrics_host} == {"127.0.0.1"}
    assert (settings.api_port, settings.ingest_port, settings.worker_metrics_port) == (8080, 8081, 8090)
    assert (settings.ingest_max_body_bytes, settings.embedded_memory_limit) == (10 * 2**20, 2 * 2**30)
    assert settings.flush_interval == 0.5
    assert settings.packs == ("sales", "marketing", "service")


def test_overrides_go_before_variables_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "kpi.toml"
    file.write_text('api_port = 1\ningest_port = 1\nworker_metrics_port = 1\ncatalogue = ["."]\n')
    monkeypatch.setenv("KPI_SETTINGS_FILE", str(file))
    monkeypatch.setenv("KPI_API_PORT", "2")
    monkeypatch.setenv("KPI_INGEST_PORT", "2")
    settings = Settings.load(api_port=3, ingest_port=None)
    assert (settings.api_port, settings.ingest_port, settings.worker_metrics_port) == (3, 2, 1)
    assert settings.catalogue == (Path(),)


def test_lists_and_sizes_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.setenv("KPI_CATALOGUE", f"{tmp_path / 'one'}, {tmp_path / 'two'}")
    monkeypatch.setenv("KPI_PACKS", "sales")
    monkeypatch.setenv("KPI_INGEST_MAX_BODY_BYTES", "3MiB")
    settings = Settings.load()
    assert settings.catalogue == (tmp_path / "one", tmp_path / "two")
    assert (settings.packs, settings.ingest_max_body_bytes) == (("sales",), 3 * 2**20)


def test_every_mistake_is_said_at_once_by_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KPI_API_PORT", "99999")
    monkeypatch.setenv("KPI_CATALOGUE", str(tmp_path / "absent"))
    monkeypatch.setenv("KPI_KAFKA_BOOTSTRAP_SERVERS", "kafka.example")
    monkeypatch.setenv("KPI_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KPI_API_HOST", "0.0.0.0")  # noqa: S104 - it is refused
    monkeypatch.setenv("KPI_FLUSH_INTERVALL", "1")
    mistakes = _mistakes(log_level="loud")
    assert set(mistakes) == {
        "KPI_API_PORT",
        "KPI_CATALOGUE",
        "KPI_KAFKA_BOOTSTRAP_SERVERS",
        "KPI_KAFKA_SECURITY_PROTOCOL",
        "KPI_API_HOST",
        "KPI_FLUSH_INTERVALL",
        "KPI_LOG_LEVEL",
    }
    assert mistakes["KPI_FLUSH_INTERVALL"].endswith("did you mean KPI_FLUSH_INTERVAL?")
    assert mistakes["KPI_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL wants KPI_KAFKA_USERNAME and KPI_KAFKA_PASSWORD"


def test_a_key_of_the_file_that_sets_nothing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kpi.toml"
    file.write_text("api_prt = 1\n")
    assert _mistakes(settings_file=file) == {"KPI_API_PRT": "there is no such setting; did you mean KPI_API_PORT?"}


def test_a_file_that_is_absent_or_not_toml_is_refused(tmp_path: Path) -> None:
    assert "there is no file" in _mistakes(settings_file=tmp_path / "absent.toml")["KPI_SETTINGS_FILE"]
    broken = tmp_path / "broken.toml"
    broken.write_text("api_port = \n")
    assert "not TOML" in _mistakes(settings_file=broken)[str(broken)]


@pytest.mark.parametrize("host", ["api_host", "worker_metrics_host", "ingest_host"])
def test_an_address_beyond_this_machine_wants_credentials(host: str) -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - the address in question
    assert set(_mistakes(**{host: everywhere})) == {f"KPI_{host.upper()}"}
    assert getattr(Settings.load(**{host: everywhere, "credentials_file": "callers.json"}), host) == everywhere
    assert getattr(Settings.load(**{host: everywhere, "insecure": True}), host) == everywhere
    for loopback in ("localhost", "127.0.0.2", "::1"):
        assert getattr(Settings.load(**{host: loopback}), host) == loopback


def test_a_password_is_never_sent_in_the_open() -> None:
    mistakes = _mistakes(kafka_username="kpi", kafka_password="secret")
    assert "use SASL_SSL" in mistakes["KPI_KAFKA_SECURITY_PROTOCOL"]


def test_secrets_are_masked_in_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_TOKEN", TOKEN)
    monkeypatch.setenv("KPI_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    settings = Settings.load(kafka_username="kpi", kafka_password="hush-hush")
    shown = json.dumps(effective(settings))
    assert "KPI_FLUSH_INTERVAL" in shown
    for secret in (TOKEN, "hush-hush"):
        assert secret not in shown + repr(settings)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().api_port = 1  # type: ignore[misc] # that is what is tested
