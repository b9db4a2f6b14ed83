"""Where the running parts are: `run.json` in the data folder, written by `kpi up`, read by the other commands."""

import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from services.runtime.processes import running


class NotRunning(Exception):
    """Nothing runs that was started with this data folder, or its `run.json` cannot be read."""


class RunningCatalogue(BaseModel):
    """Which declarations the services were started with, as in the settings of the same names."""

    model_config = ConfigDict(frozen=True)

    catalogue: tuple[Path, ...]
    packs: tuple[str, ...]
    default_catalogue: bool


class Addresses(BaseModel):
    """Base URLs of the HTTP services, `host:port` of Kafka, and process ids by part (`api`, `broker`, `worker-1`).

    `memory_limit`: bytes that the embedded broker may hold.
    """

    model_config = ConfigDict(frozen=True)

    api: str | None = None
    ingest: str | None = None
    broker: str | None = None
    worker_metrics: tuple[str, ...] = ()
    pids: dict[str, int] = {}
    memory_limit: int | None = None
    declarations: RunningCatalogue | None = None


def addresses_file(data_dir: Path) -> Path:
    """Where the addresses of what runs on `data_dir` stand."""
    return data_dir / "run.json"


def write_addresses(data_dir: Path, addresses: Addresses) -> None:
    """Replace the addresses at once, so that a reader sees the old or the new ones, whole."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=data_dir, prefix=".run-", suffix=".json", delete=False) as draft:
        draft.write(addresses.model_dump_json(indent=2) + "\n")
    Path(draft.name).replace(addresses_file(data_dir))


def read_addresses(data_dir: Path) -> Addresses:
    """The addresses of what runs. Raises `NotRunning` where nothing does, or its leader died without a word."""
    file = addresses_file(data_dir)
    try:
        addresses = Addresses.model_validate_json(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise NotRunning(f"nothing runs on {data_dir}: start it with `kpi up`") from None
    except ValidationError as error:
        raise NotRunning(f"{file} cannot be read ({error.error_count()} mistakes): start `kpi up` again") from None
    if addresses.pids and not any(running(pid) for pid in addresses.pids.values()):
        raise NotRunning(f"what was started on {data_dir} has ended: start it with `kpi up`")
    return addresses


def remove_addresses(data_dir: Path) -> None:
    """Forget the addresses; nothing happens where there are none."""
    addresses_file(data_dir).unlink(missing_ok=True)
