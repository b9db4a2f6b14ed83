"""KPIs whose values people record, in words."""

from collections.abc import Iterator

from schemas.kpis import Kpi
from schemas.recorded import VALUES


def computed(kpi: Kpi) -> Iterator[str]:
    """How what was recorded comes to a value; nothing for a KPI whose values nobody records."""
    if kpi.recorded is None:
        return
    yield f"People record its values, by hand or from a table; each is an event of the stream {VALUES}."
    if kpi.recorded == "level":
        yield "A recorded figure holds from its first day to its last; a window has the mean of its days that have one."
        yield "Where several figures hold on one day their mean counts, and the answer says “overlapping”."
    else:
        yield "A recorded figure is how much there was from its first day to its last, shared out over them evenly."
        yield "Where several figures are about one day they add up, and the answer says “overlapping”."
    yield "A figure that names an earlier one replaces it; the answer then says “restated”."
    yield "Where no figure is recorded, there is no value."
