"""What is to be achieved, and which KPIs show whether it is."""

from typing import Literal

from pydantic import Field

from schemas.declarations import Declaration, FieldName


class Objective(Declaration):
    """Something to be achieved, across departments: a node of the tree objective -> KPI -> measure.

    `parent`: the objective that it serves; none: one of the company's own. `kpis` show whether it is achieved.
    `review`: how often people look at it together.
    """

    objective: FieldName
    title: str
    owner: str
    sentence: str = ""
    parent: FieldName | None = None
    kpis: tuple[FieldName, ...] = Field((), description="the KPIs that show it, of any department")
    review: Literal["weekly", "monthly", "quarterly", "yearly"] = "quarterly"
