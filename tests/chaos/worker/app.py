"""What `faust -A tests.chaos.worker.app worker` loads: the real application, with what a test asks for put in from
outside. `CHAOS_CLOCK`: milliseconds by which its clock is ahead. `CHAOS_ARM`: the file that arms a point of a flush.
`CHAOS_BREAK`: what is broken on purpose.
"""

import os
from pathlib import Path
from typing import Any

from services.runtime import clock
from tests.chaos.worker.shifting import shifted

# Before anything else of the service is imported: modules take the clock by name.
clock.wall_clock = shifted(clock.wall_clock, int(os.environ.get("CHAOS_CLOCK") or 0))

from services.aggregator.root import application  # noqa: E402
from tests.chaos.worker import breaking, points  # noqa: E402

if arm := os.environ.get("CHAOS_ARM"):
    points.install(Path(arm))
if broken := os.environ.get("CHAOS_BREAK"):
    breaking.BREAKS[broken].apply()


def __getattr__(name: str) -> Any:
    if name == "app":
        return application()
    raise AttributeError(name)
