"""What breaks a rule, for as long as its check is to fail."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def broken(*patches: tuple[str, object]) -> Iterator[None]:
    """With other things in the code, by where they stand there: what is asserted inside must not hold."""
    with pytest.MonkeyPatch.context() as patched:
        for place, value in patches:
            patched.setattr(place, value)
        with pytest.raises(AssertionError):
            yield
