"""Scenarios by name. To add one, write in a module of `tests/chaos/scenarios/`:

    @scenario("broker-bounce", times=4, sentence="The broker is killed and started again.")
    def broker_bounce(arena: Arena) -> None:
        for _ in arena.faults():  # evenly over the live traffic: 4 times in the long form, fewer in the short
            node = arena.cluster.nodes[0]
            node.kill()
            arena.note("the broker is killed")  # counts as a fault, and is printed
            arena.sleep(arena.random.uniform(1, 5))
            node.start()

When it is called, the arena has preloaded half of the load and started two workers, and is feeding the rest; when it
returns, the arena feeds what is left, wakes and replaces workers, waits until everything is counted, and compares. A
scenario that raises is a failure. What may be stated beside: see `Scenario`. `arena.checks` takes further checks:
functions that return differences in words.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.arena import Arena, Size

Run = Callable[["Arena"], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What goes wrong, and in which surroundings.

    `times`: how many faults in the long form; `fewer`: in the short one. `nodes`, `overrides`: of the cluster. `alone`:
    it needs a cluster of its own, since it breaks it; one of one node without overrides may else be shared. `load`:
    fields of `LoadOptions` that it states otherwise, or a function of the size that gives them. `streams`: what all
    streams of the catalogue declare otherwise. `settings`: of the workers, as in `flush_interval`.
    """

    name: str
    run: Run
    sentence: str
    times: int
    fewer: int = 3
    workers: int = 2
    nodes: int = 1
    alone: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    load: Mapping[str, Any] | Callable[["Size"], Mapping[str, Any]] = field(default_factory=dict)
    streams: Mapping[str, Any] = field(default_factory=dict)
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
