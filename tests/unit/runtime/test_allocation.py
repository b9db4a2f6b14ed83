"""Memory that was freed goes back to the system."""

import ctypes
import os

import pytest

from services.runtime.allocation import give_back
from services.runtime.processes import resident_bytes

BLOCK, BLOCKS = 64 << 10, 2_000


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library is not glibc")
def test_pages_between_what_is_used_go_back() -> None:
    held = [bytearray(BLOCK) for _ in range(BLOCKS)]
    # Every tenth stays, so that nothing shrinks from its end.
    kept = held[::10]
    before = resident_bytes(os.getpid())
    held.clear()
    give_back()
    assert resident_bytes(os.getpid()) < before - BLOCK * BLOCKS // 2
    assert len(kept) == BLOCKS // 10
