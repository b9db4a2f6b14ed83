"""The import table of the architecture is checked, and the check can fail."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "a service imports another": ("services/ingest/budget.py", "import services.api.root"),
    "the domain imports a service": ("kpi/grains.py", "import services.runtime.settings"),
    "the contracts import the domain": ("schemas/durations.py", "import kpi.grains"),
    "the client imports the domain": ("services/client/errors.py", "import kpi.grains"),
    "the runtime imports a service": ("services/runtime/ports.py", "import services.cli.main"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """`lint-imports` on a copy of the packages."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    # Without an installed package of the same name before it, the copy is what is read.
    environment = {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("table")
    for package in ("schemas", "kpi", "services"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_table_is_kept(copy: Path) -> None:
    checked = lint(copy)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


@pytest.mark.parametrize("broken", FORBIDDEN)
def test_a_forbidden_import_is_found(copy: Path, broken: str) -> None:
    name, line = FORBIDDEN[broken]
    module = copy / name
    sound = module.read_text()
    module.write_text(f"{sound}\n{line}\n")
    try:
        checked = lint(copy)
    finally:
        module.write_text(sound)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "BROKEN" in checked.stdout
