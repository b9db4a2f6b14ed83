"""What machines and people are doing, in several projects at once."""

from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import END, HOUR, START
from tests.table.business.events import Event, Teller

_RESOURCES = (
    ("M1", "machine", "north"),
    ("M2", "machine", "south"),
    ("H1", "person", "east"),
    ("H2", "person", "north"),
)


def resources(seed: str) -> Iterator[Event]:
    """All changes of the year, in no order."""
    tell = Teller(f"{seed}-resources")
    for name, kind, team in _RESOURCES:
        time = START
        while time < END:
            time = tell.after(time, 12 * HOUR * tell.chance.choice((0.1, 0.4, 1.5)))
            project = tell.one_of(atlas=0.55, borealis=0.45) if tell.happens(0.8) else None
            # What holds for a machine as a whole is seldom said of one project.
            state = (
                tell.one_of(busy=0.6, idle=0.4)
                if project
                else tell.one_of(busy=0.3, idle=0.2, down=0.1, planned_down=0.2, off=0.2)
            )
            same = {"resource_id": name, "kind": kind, "team": team}
            yield from tell.say("resource.state", time, project_id=project, state=state, **same)


NOTHING: dict[str, dict[str, Any]] = {"resource.state": {"kind": "machine", "team": "none", "state": "off"}}
"""By stream, a record that counts for nothing, less its key, id and time."""
