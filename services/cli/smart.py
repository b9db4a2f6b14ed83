"""`kpi check --smart`: what KPIs lack to be specific, measurable, achievable, relevant and dated."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kpi.smartness import History, asked_for, gaps, goal
from schemas.kpis import Catalogue, Kpi
from services.cli.console import output
from services.cli.context import api_client
from services.cli.failures import FAILED, CommandFailed
from services.client.api import ApiClient
from services.client.errors import Refused, ServiceError
from services.runtime.catalogue.places import places_of_kpis
from services.runtime.settings import Settings

POINTS = 13
"""Windows that are asked for: the last of them is the one that runs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a running api knew: by KPI the history, and in words what could not be looked at."""

    histories: dict[str, History]
    unknown: tuple[str, ...]


def check_smart(catalogue: Catalogue, directories: Sequence[Path], settings: Settings, today: datetime.date) -> int:
    """Prints what the KPIs of the folders lack, or all KPIs where there are no folders; the exit status, 1 where any
    lacks something. What could not be looked at is said, and is no failure.
    """
    places = places_of_kpis(directories)
    kpis = [kpi for name, kpi in catalogue.kpis.items() if name in places or not directories]
    asked = _histories(kpis, settings, today)
    found = [(kpi, gap) for kpi in kpis for gap in gaps(catalogue, kpi, today, asked.histories.get(kpi.kpi))]
    console = output()
    for kpi, gap in found:
        console.print(f"{places.get(kpi.kpi, 'shipped')}: {kpi.kpi} is not {gap.criterion}: {gap.message}")
    for line in asked.unknown:
        console.print(f"not looked at: {line}")
    lacking = len({kpi.kpi for kpi, _ in found})
    if not found:
        without = ", as far as that was looked at" if asked.unknown else ""
        console.print(f"{_kpis(len(kpis))} specific, measurable, achievable, relevant and dated{without}.")
        return 0
    console.print(f"{len(found)} {'gap' if len(found) == 1 else 'gaps'} in {lacking} of {len(kpis)} KPIs")
    return FAILED


def _kpis(number: int) -> str:
    return "1 KPI is" if number == 1 else f"{number} KPIs are"


def _histories(kpis: Sequence[Kpi], settings: Settings, today: datetime.date) -> Asked:
    what = "which values there are, and whether targets can be met"
    try:
        client = api_client(settings)
    except CommandFailed as error:
        return Asked({}, (f"{what}: {error}",))
    found: dict[str, History] = {}
    unknown: list[str] = []
    with client as api:
        for kpi in kpis:
            try:
                found[kpi.kpi] = _history(api, kpi, asked_for(kpi, goal(kpi, today)))
            except Refused as error:
                unknown.append(f"the values of {kpi.kpi}: {error}")
            except ServiceError as error:
                return Asked(found, (*unknown, f"{what}: {error}"))
    return Asked(found, tuple(unknown))


def _history(api: ApiClient, kpi: Kpi, window: str) -> History:
    complete = api.series(kpi.kpi, POINTS, window).points[:-1]
    return History(window, len(complete), tuple(float(one.value) for one in complete if one.value is not None))
