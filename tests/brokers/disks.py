"""A disk of a few megabytes, which fills up and can be given room again: a tmpfs, mounted where a node keeps its data."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts import missing, program

MEGABYTE = 1 << 20
_FILLER = "filler"


class SmallDisk:
    """A mounted tmpfs. Sizes are in bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def free(self) -> int:
        """How much still fits."""
        return shutil.disk_usage(self.folder).free

    def fill(self, leaving: int) -> None:
        """Takes all room but `leaving` bytes."""
        taken = max(0, self.free - leaving)
        with (self.folder / _FILLER).open("ab") as filler:
            os.posix_fallocate(filler.fileno(), filler.tell(), max(taken, 1))

    def give_room(self, size: int) -> None:
        """The filler goes, and the whole disk is `size` bytes large from now on."""
        (self.folder / _FILLER).unlink(missing_ok=True)
        _call("mount", "-o", f"remount,size={size}", str(self.folder))


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """Mounts a disk of `size` bytes at `folder`; `missing` where that is not allowed here."""
    untested = "a broker whose disk is full"
    for name in ("mount", "umount"):
        program(name, untested)
    folder.mkdir(parents=True)
    options = f"size={size},mode=0700"
    try:
        _call("mount", "-t", "tmpfs", "-o", options, "kpi-small-disk", str(folder))
    except subprocess.CalledProcessError as error:
        missing(untested, f"a tmpfs cannot be mounted, which takes root: {error.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        # A node that was killed a moment ago may hold it still.
        _call("umount", "--lazy", str(folder))


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
