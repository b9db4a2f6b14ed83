"""The bytes of a request's body, never more than allowed: counted while they come, and while they are unpacked."""

import asyncio
import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from services.ingest.budget import Held
from services.runtime.problems import Problem

READ_SECONDS = 30.0
_GZIP = 16 + zlib.MAX_WBITS
_STEP = 64 << 10


async def read_body(request: Request, most: int, held: Held) -> bytes:
    """The body, unpacked where it came as gzip.

    Raises a Problem: 413 past `most` bytes, packed or not; 415 for another encoding; 422 for broken gzip;
    408 where it does not come. Raises BufferFull where `held` cannot take it.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise Problem(
            status=415,
            name="unsupported-encoding",
            title="The body's encoding is not known here",
            detail=f"Content-Encoding {encoding!r} is not understood: send gzip, or the body as it is.",
            headers={"Accept-Encoding": "gzip, identity"},
        )
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    unpacked = _unpacked(_limited(request, most)) if encoding.endswith("gzip") else _limited(request, most)
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for part in unpacked:
                size += len(part)
                if size > most:
                    raise _too_large(most)
                held.take(len(part))
                parts.append(part)
    except TimeoutError:
        raise _incomplete(408, "request-timeout", f"it did not arrive within {READ_SECONDS:g} s") from None
    except ClientDisconnect:
        raise _incomplete(400, "incomplete-body", "the connection closed before its end") from None
    return b"".join(parts)


async def _limited(request: Request, most: int) -> AsyncIterator[bytes]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        yield part


async def _unpacked(packed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The content of one or more gzip members, in steps that stay small whatever they unpack to."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        async for part in packed:
            rest = part
            while rest:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                yield unpacker.decompress(rest, _STEP)
                rest = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error:
        raise _broken_gzip() from None
    if not unpacker.eof:
        raise _broken_gzip()


def _too_large(most: int) -> Problem:
    return Problem(
        status=413,
        name="body-too-large",
        title="The body is too large",
        detail=f"A body may have {most} bytes, unpacked too: send the events in several requests.",
        # What is left of the body is not read.
        headers={"Connection": "close"},
    )


def _broken_gzip() -> Problem:
    return Problem(
        status=422,
        name="broken-gzip",
        title="The body is not gzip",
        detail="Content-Encoding says gzip, but the body cannot be unpacked: nothing was accepted.",
    )


def _incomplete(status: int, name: str, reason: str) -> Problem:
    return Problem(
        status=status,
        name=name,
        title="The body is not complete",
        detail=f"The body is not complete: {reason}; nothing was accepted.",
    )
