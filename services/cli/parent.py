"""A child's side of `kpi up`: it ends when its parent does, however that came about."""

import os
import signal
import sys
import threading
import time

GRACE_SECONDS = 3.0


def end_with_parent() -> None:
    """Watch standard input, which the parent holds open: at its end ask this process to stop, and soon end it."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="parent", daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
