"""One `kpi up` a data folder: a lock that the system releases however its holder ends."""

import fcntl
from pathlib import Path
from types import TracebackType
from typing import Self

from services.cli.failures import CommandFailed


class FolderLock:
    """Holds the data folder while entered. CommandFailed where another process holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = (self._folder / "up.lock").open("a")
        except OSError as error:
            raise CommandFailed(
                f"{self._folder} cannot be the data folder ({error.strerror}): "
                "set KPI_DATA_DIR to one that can be written"
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise CommandFailed(
                f"kpi runs on {self._folder} already: stop it, or set KPI_DATA_DIR to another folder"
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
