"""A made-up business: what happens in it, in order of time. All of it follows from a seed and the times asked for."""

import heapq
import math
import random
from collections.abc import Callable, Collection, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from services.ingest.rhythm import busyness

SOURCE = "simulation"
TICK = 200
"""Milliseconds in which what begins is decided at once."""
_MINUTE = 60_000
_TEAMS = {"north": 0.5, "south": 0.3, "east": 0.2}
_PRIORITIES = {"low": 0.3, "normal": 0.5, "high": 0.2}
_REPLY_MINUTES = {"low": 15.0, "normal": 6.0, "high": 2.0}
_SLOW = 12
_CAMPAIGNS = {"spring": 0.5, "search": 0.35, "video": 0.15}


class Incident(StrEnum):
    """What can go wrong on demand."""

    slow_replies = "slow-replies"


class Happening(NamedTuple):
    """An event of a stream at a time (epoch milliseconds); `order` keeps those of one time apart."""

    time: int
    order: int
    stream: str
    fields: dict[str, Any]


class Simulation:
    """What happens from `start` on. Beginnings come at `rate` a second in the busiest hour; what follows, on top."""

    def __init__(self, seed: int, start: int, rate: float, incidents: Collection[Incident]) -> None:
        self._random = random.Random(f"{seed}/{start}")  # noqa: S311 - made up, not secret
        self._prefix = f"sim-{seed}-{start}"
        self._now = start
        self._rate = rate
        self._slow = _SLOW if Incident.slow_replies in incidents else 1
        self._order = 0
        self._coming: list[Happening] = []
        self._beginnings: dict[Callable[[int], None], float] = {
            self._impression: 0.45,
            self._click: 0.12,
            self._visit: 0.2,
            self._call: 0.1,
            self._contact: 0.03,
            self._ticket: 0.06,
            self._deal: 0.04,
        }

    def until(self, moment: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Streams and events up to a time, each once, in order of time."""
        while self._now + TICK <= moment:
            for _ in range(self._poisson(self._rate * busyness(self._now) * TICK / 1000)):
                begin = self._choose(self._beginnings)
                begin(self._now + self._random.randrange(TICK))
            self._now += TICK
            while self._coming and self._coming[0].time < self._now:
                happening = heapq.heappop(self._coming)
                name = f"{self._prefix}-{happening.order}"
                yield happening.stream, {"id": name, "source": SOURCE, "time": happening.time, **happening.fields}

    def _add(self, moment: int, stream: str, **fields: Any) -> None:
        self._order += 1
        heapq.heappush(self._coming, Happening(moment, self._order, stream, fields))

    def _choose(self, weights: dict[Any, float]) -> Any:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _poisson(self, mean: float) -> int:
        count, product, limit = 0, self._random.random(), math.exp(-mean)
        while product > limit:
            count += 1
            product *= self._random.random()
        return count

    def _after(self, moment: int, minutes: float) -> int:
        return moment + 1000 + int(minutes * self._random.lognormvariate(0, 0.6) * _MINUTE)

    def _new(self, kind: str) -> str:
        return f"{kind}-{self._random.randrange(16**8):08x}"

    def _advertisement(self) -> dict[str, Any]:
        campaign = self._choose(_CAMPAIGNS)
        return {
            "campaign_id": campaign,
            "ad_id": f"{campaign}-{self._random.randint(1, 3)}",
            "placement": self._random.choice(("feed", "banner")),
            "audience": self._random.choice(("new", "returning")),
            "is_bot": self._chance(0.03),
        }

    def _visitor(self) -> str:
        return f"visitor-{int(self._random.paretovariate(0.6)) % 100_000}"

    def _impression(self, moment: int) -> None:
        self._add(moment, "web.impression", **self._advertisement(), count=self._random.randint(1, 30))

    def _click(self, moment: int) -> None:
        click = {"click_id": self._new("click"), "visitor_id": self._visitor(), "billable": not self._chance(0.05)}
        self._add(moment, "web.click", **self._advertisement(), **click)

    def _visit(self, moment: int) -> None:
        self._add(
            moment,
            "web.visit",
            visit_id=self._new("visit"),
            visitor_id=self._visitor(),
            referrer=self._random.choice(("search", "direct", "social")),
            device=self._random.choice(("phone", "desktop")),
            country=self._random.choice(("DE", "FR", "US")),
            is_bot=self._chance(0.04),
        )

    def _call(self, moment: int) -> None:
        team = self._choose(_TEAMS)
        outcome = self._choose({"no_answer": 0.5, "connected": 0.4, "meeting": 0.1})
        self._add(
            moment,
            "sales.call",
            call_id=self._new("call"),
            rep_id=f"{team}-{self._random.randint(1, 6)}",
            team=team,
            direction=self._choose({"out": 0.8, "in": 0.2}),
            outcome=outcome,
            duration_s=0 if outcome == "no_answer" else self._random.randint(20, 1800),
        )

    def _contact(self, moment: int) -> None:
        self._add(
            moment,
            "support.contact",
            contact_id=self._new("contact"),
            customer_id=f"customer-{self._random.randrange(5000)}",
            channel=self._choose({"phone": 0.5, "email": 0.3, "chat": 0.2}),
            direction=self._choose({"in": 0.8, "out": 0.2}),
            reason=self._random.choice(("invoice", "delivery", "access")),
            answered=self._chance(0.9),
            wait_s=self._random.randint(5, 400),
        )

    def _ticket(self, moment: int) -> None:
        priority = self._choose(_PRIORITIES)
        same = {
            "ticket_id": self._new("ticket"),
            "customer_id": f"customer-{self._random.randrange(5000)}",
            "public": True,
            "channel": self._random.choice(("email", "chat")),
            "kind": self._choose({"question": 0.6, "complaint": 0.15, "fault": 0.25}),
            "reason": self._random.choice(("invoice", "delivery", "access")),
            "priority": priority,
            "tier": self._choose({"basic": 0.7, "plus": 0.3}),
            "team": self._choose(_TEAMS),
        }
        self._add(moment, "support.ticket", **same, action="opened", actor="customer")
        if self._chance(0.04):
            return
        replied = self._after(moment, _REPLY_MINUTES[priority] * self._slow)
        agent = {"actor": "agent", "agent_id": f"{same['team']}-agent-{self._random.randint(1, 4)}"}
        self._add(replied, "support.ticket", **same, **agent, action="replied")
        resolved = self._after(replied, 20)
        self._add(resolved, "support.ticket", **same, **agent, action="resolved")
        if self._chance(0.05):
            self._add(self._after(resolved, 60), "support.ticket", **same, action="reopened", actor="customer")

    def _deal(self, moment: int) -> None:
        team = self._choose(_TEAMS)
        same = {
            "deal_id": self._new("deal"),
            "customer_id": f"customer-{self._random.randrange(5000)}",
            "rep_id": f"{team}-{self._random.randint(1, 6)}",
            "team": team,
            "amount_minor": int(self._random.lognormvariate(12.5, 0.8)),
            "currency": "EUR",
            "segment": self._choose({"small": 0.6, "large": 0.4}),
            "region": self._random.choice(("emea", "americas")),
        }
        self._add(moment, "sales.deal", **same, action="opened", stage="new")
        decided = self._after(moment, 25)
        action = self._choose({"won": 0.35, "lost": 0.65})
        self._add(decided, "sales.deal", **same, action=action, stage="closed")
