"""Tickets in over HTTP, an alert out of a real Prometheus, with the rules that the command writes."""

import asyncio
import time
from pathlib import Path

import httpx2

from tests.e2e.installations import kpi, start_kpi_up, wait_ready
from tests.e2e.test_alert import FIRING_SECONDS, alerts, prometheus

SLOW = """
kpi: answer_time
title: Time to the first answer
sentence: How long customers wait for the first answer by a person.
department: service
unit: seconds
direction: down
kind: leading
owner: support lead
measures: {response: {from: ticket.response, aggregate: mean, scale: 3}}
formula: response
dimensions: [team]
windows: {rolling: [5m]}
targets: [{value: 60, from: 2020-01-01}]
alert: {labels: [team], when: [over_target], for: 1s}
"""
MINUTE = 60_000


def ticket(number: int, action: str, time_ms: int, actor: str) -> dict[str, object]:
    """An event of a ticket of the team north."""
    return {
        "id": f"{number}-{action}",
        "time": time_ms,
        "ticket_id": f"T{number}",
        "customer_id": "c",
        "action": action,
        "actor": actor,
        "public": True,
        "channel": "email",
        "kind": "question",
        "reason": "other",
        "priority": "normal",
        "tier": "gold",
        "team": "north",
    }


async def test_slow_answers_reach_prometheus(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "answers.yaml").write_text(SLOW)
    up = start_kpi_up(tmp_path, "--catalogue", str(catalogue), "--pack", "service")
    try:
        wait_ready(up, 90)
        now = int(time.time() * 1000)
        events = [
            event
            for number in range(8)
            for event in (
                ticket(number, "opened", now - 4 * MINUTE, "customer"),
                ticket(number, "replied", now - 2 * MINUTE, "agent"),
            )
        ]
        posted = httpx2.post(f"{up.addresses()['ingest']}/v1/streams/support.ticket/events", json=events, timeout=30)
        assert posted.json()["accepted"] == len(events), posted.text
        rules = tmp_path / "rules"
        written = kpi(tmp_path, "rules", "--out", str(rules), catalogue=catalogue, packs="service")
        assert written.returncode == 0, written.stderr
        port = int(str(up.addresses()["api"]).rpartition(":")[2])
        async with prometheus(tmp_path / "prometheus", port, sorted(rules.glob("*.yml"))) as http:
            async with asyncio.timeout(FIRING_SECONDS):
                while not (fired := [alert for alert in await alerts(http) if alert["state"] == "firing"]):
                    await asyncio.sleep(0.2)
        assert {(alert["labels"]["kpi"], alert["labels"]["team"]) for alert in fired} == {("answer_time", "north")}
    finally:
        up.end()
