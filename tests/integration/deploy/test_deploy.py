"""What stands in `deploy/` is what the programs that read it accept, and names only settings that exist."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.runtime.settings import PREFIX, Settings
from tests.parts import program

DEPLOY = Path(__file__).parents[3] / "deploy"


def _compose() -> dict[str, Any]:
    # Tokens come from the environment of whoever starts it.
    stated = re.sub(r"\$\{\w+(:\?[^}]*)?\}", "0123456789abcdef", (DEPLOY / "compose.yaml").read_text())
    document: dict[str, Any] = yaml.safe_load(stated)
    return document


def test_prometheus_accepts_its_configuration(tmp_path: Path) -> None:
    promtool = program("promtool", "the configuration of Prometheus")
    shutil.copy(DEPLOY / "prometheus" / "prometheus.yml", tmp_path)
    (tmp_path / "prometheus_token").write_text("0123456789abcdef")
    checked = subprocess.run(
        [promtool, "check", "config", str(tmp_path / "prometheus.yml")], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_alertmanager_accepts_its_configuration() -> None:
    amtool = program("amtool", "the configuration of Alertmanager")
    file = DEPLOY / "alertmanager" / "alertmanager.yml"
    checked = subprocess.run([amtool, "check-config", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_settings_of_every_container_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    services = {name: service for name, service in _compose()["services"].items() if "build" in service}
    assert {"ingest", "aggregator", "api"} <= services.keys()
    for service in services.values():
        stated = service["environment"]
        with monkeypatch.context() as container:
            for variable, value in stated.items():
                container.setenv(variable, str(value))
            settings = Settings.load()
        assert settings.kafka_bootstrap_servers == "kafka:9092"
        assert all(variable.removeprefix(PREFIX).lower() in Settings.model_fields for variable in stated)


def test_ports_are_published_on_loopback_only() -> None:
    published = [port for service in _compose()["services"].values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_our_containers_write_to_their_volume_only() -> None:
    for service in _compose()["services"].values():
        if "build" in service:
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]


def test_the_image_installs_what_was_locked() -> None:
    pinned = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
    whole = set(pinned.findall((DEPLOY.parent / "requirements.lock").read_text()))
    image = set(pinned.findall((DEPLOY / "requirements.lock").read_text()))
    assert image
    assert image <= whole
