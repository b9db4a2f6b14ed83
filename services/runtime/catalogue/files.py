"""Which files of a folder hold declarations."""

from pathlib import Path

_ENDINGS = (".yaml", ".yml")


def files_of(directory: Path) -> list[Path]:
    """The `.yaml` and `.yml` files of a folder, at any depth, in order."""
    return sorted(path for path in directory.rglob("*") if path.suffix in _ENDINGS and path.is_file())
