"""A disk of a few megabytes, which fills up and can be given room again: a tmpfs where a node keeps its data."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.brokers.cluster import KafkaNode
from tests.parts import missing, program

MEGABYTE = 1 << 20
_FILLER = "filler"
_UNTESTED = "a broker whose disk is full"


class SmallDisk:
    """A mounted tmpfs. Sizes are in bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def free(self) -> int:
        """How much still fits."""
        return shutil.disk_usage(self._folder).free

    def fill(self, leaving: int) -> None:
        """Takes all room but `leaving` bytes."""
        with (self._folder / _FILLER).open("ab") as filler:
            while (taken := self.free - leaving) > 0:
                try:
                    os.posix_fallocate(filler.fileno(), filler.tell(), taken)
                except OSError as error:
                    # The broker has written meanwhile.
                    if error.errno != errno.ENOSPC:
                        raise
                else:
                    return

    def give_room(self, size: int) -> None:
        """The filler goes, and the whole disk is `size` bytes large from now on."""
        (self._folder / _FILLER).unlink(missing_ok=True)
        _call("mount", "-o", f"remount,size={size}", str(self._folder))


@contextmanager
def on_small_disk(node: KafkaNode, size: int) -> Iterator[SmallDisk]:
    """Moves the data of a node that is not running to a disk of `size` bytes, and in the end back again.

    The node may be started meanwhile, and must have ended before the end. `missing` where nothing can be mounted here.
    """
    for name in ("mount", "umount", "cp"):
        program(name, _UNTESTED)
    with _mounted(node.data.with_name("small-disk"), size) as disk:
        _copy(node.data, disk / "data")
        shutil.rmtree(node.data)
        node.data.symlink_to(disk / "data")
        try:
            yield SmallDisk(disk)
        finally:
            node.data.unlink()
            _copy(disk / "data", node.data)


@contextmanager
def _mounted(folder: Path, size: int) -> Iterator[Path]:
    folder.mkdir(parents=True)
    try:
        _call("mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "small-disk", str(folder))
    except subprocess.CalledProcessError as error:
        missing(_UNTESTED, f"a tmpfs cannot be mounted, which takes root: {error.stderr.strip()}")
    try:
        yield folder
    finally:
        # A node that was killed a moment ago may hold it still.
        _call("umount", "--lazy", str(folder))


def _copy(source: Path, target: Path) -> None:
    # Indexes of segments are laid out in full before they are written to.
    _call("cp", "-a", "--sparse=always", str(source), str(target))


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
