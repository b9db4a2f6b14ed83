"""What the C library keeps of memory that was freed."""

import ctypes


def give_back() -> None:
    """Returns free pages to the system, wherever they lie, where the C library can (glibc).

    By itself it keeps all that lies below something in use: after states have come and gone, several times what is
    used. Takes some milliseconds for each 100 MiB.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
