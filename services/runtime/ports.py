"""Ports to listen on: the wanted one, or the next that is free."""

import errno
import random
import socket
from collections.abc import Collection

import structlog

TRIES = 100
UNASKED = range(10_000, 32_000)
"""Where ports are taken from that are listened on later: below those that systems give to outgoing connections, which
would take one meanwhile."""
_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})

logger = structlog.get_logger(__name__)


class NoFreePort(Exception):
    """Neither the wanted port nor one of those after it can be listened on."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on `port`, or the next free one after it, with a warning; 0 takes any.

    Raises `NoFreePort`; `OSError` where the host is no address of this machine.
    """
    listener = _listener(host, port)
    chosen = listener.getsockname()[1]
    if port and chosen != port:
        logger.warning("port taken, another chosen", host=host, wanted=port, chosen=chosen)
    return listener


def free_port(host: str, port: int, promised: Collection[int] = ()) -> int:
    """The number of a port that is free now: `port`, or the next one after it; 0: any of `UNASKED`.

    Raises `NoFreePort`. `promised`: ports that are kept for a process which does not listen on them yet.
    """
    first = port or random.SystemRandom().choice(UNASKED)
    with _listener(host, first, promised) as listener:
        number: int = listener.getsockname()[1]
        return number


def _listener(host: str, port: int, promised: Collection[int] = ()) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    last = min(port + TRIES, 65536) if port else 1
    for candidate in range(port, last):
        if candidate in promised:
            continue
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], candidate))
            # Two sockets may share a port until one of them listens.
            listener.listen()
        except OSError as error:
            listener.close()
            if error.errno not in _TAKEN:
                raise
        else:
            return listener
    raise NoFreePort(f"no free port on {host} from {port} to {last - 1}: name another")
