"""Scenarios by name. To add one, write in a module of `tests/chaos/scenarios/`:

    @scenario("broker-bounce", times=4, sentence="The broker is killed and started again.")
    def broker_bounce(arena: Arena) -> None:
        for _ in arena.faults():  # evenly over the live traffic: 4 times in the long form, fewer in the short
            node = arena.cluster.nodes[0]
            node.kill()
            arena.note("the broker is killed")  # counts as a fault, and is printed
            arena.sleep(arena.random.uniform(1, 5))
            node.start()

The arena has preloaded half of the load and started two workers when it is called, and is feeding the rest; when it
returns, the arena waits for the feed's end, wakes and replaces workers, waits until everything is counted, and
compares. A scenario that raises is a failure. `load` are fields of `LoadOptions` that it states otherwise; `nodes` and
`overrides` are of the cluster (a cluster of one node without overrides may be shared with others); `settings` of the
workers (`flush_interval=…`); `alone`: it needs a cluster of its own, since it breaks it.
`arena.checks` may be given further checks: functions that return differences in words.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.arena import Arena

Run = Callable[["Arena"], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """See the module. `times`: how many faults in the long form; `fewer`: in the short one."""

    name: str
    run: Run
    sentence: str
    times: int
    fewer: int = 3
    workers: int = 2
    nodes: int = 1
    alone: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    load: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, *, times: int, sentence: str, **stated: Any) -> Callable[[Run], Run]:
    """Registers a scenario; `stated` are further fields of `Scenario`."""

    def register(run: Run) -> Run:
        SCENARIOS[name] = Scenario(name, run, sentence, times, **stated)
        return run

    return register


def all_scenarios() -> Mapping[str, Scenario]:
    """Every scenario of `tests/chaos/scenarios/`, by name."""
    package = importlib.import_module("tests.chaos.scenarios")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return SCENARIOS
