"""How a schedule says that it found something."""

from collections.abc import Mapping


class Differs(Exception):
    """What the service has is not what follows from the logs."""


def same(what: str, got: object, want: object) -> None:
    """Raises Differs unless both are equal, with what differs."""
    if got == want:
        return
    if isinstance(got, Mapping) and isinstance(want, Mapping):
        differing = sorted((key for key in {*got, *want} if got.get(key) != want.get(key)), key=repr)
        lines = [f"  {key}: {got.get(key)}, not {want.get(key)}" for key in differing[:8]]
        more = [f"  and {len(differing) - len(lines)} more"] if len(differing) > len(lines) else []
        raise Differs("\n".join([f"{what}: {len(differing)} differ", *lines, *more]))
    raise Differs(f"{what}: {got}, not {want}")
