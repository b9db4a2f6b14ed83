"""Ports: the wanted one where it is free, else the next."""

from pathlib import Path

import pytest
import structlog

from services.runtime.ports import UNASKED, NoFreePort, free_port, listen

IANA_DYNAMIC = 49_152


def test_a_free_port_is_taken_as_wanted() -> None:
    wanted = free_port("127.0.0.1", 0)
    with listen("127.0.0.1", wanted) as listener:
        assert listener.getsockname() == ("127.0.0.1", wanted)


def test_a_taken_port_is_passed_over() -> None:
    with listen("127.0.0.1", 0) as first, structlog.testing.capture_logs() as logs:
        taken = first.getsockname()[1]
        with listen("127.0.0.1", taken) as second:
            chosen = second.getsockname()[1]
    assert chosen > taken
    assert [(line["wanted"], line["chosen"]) for line in logs] == [(taken, chosen)]


def test_a_foreign_address_is_an_error_of_its_own() -> None:
    with pytest.raises(OSError, match="assign requested address"):
        listen("192.0.2.1", 0)


def test_the_last_port_taken_leaves_none() -> None:
    with listen("127.0.0.1", 65535), pytest.raises(NoFreePort, match="65535"):
        listen("127.0.0.1", 65535)


def test_a_promised_port_is_not_given_again() -> None:
    first = free_port("127.0.0.1", 20_000)
    second = free_port("127.0.0.1", 20_000, {first})
    assert second > first


def test_a_port_to_listen_on_later_is_none_that_an_outgoing_connection_may_be_given() -> None:
    stated = Path("/proc/sys/net/ipv4/ip_local_port_range")
    given = int(stated.read_text().split()[0]) if stated.exists() else IANA_DYNAMIC
    chosen = {free_port("127.0.0.1", 0) for _ in range(20)}
    assert len(chosen) > 10
    assert chosen <= set(range(UNASKED.start, UNASKED.stop + 100))
    assert max(chosen) < given
