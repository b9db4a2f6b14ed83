"""Objectives: whom they serve, and the KPIs that show them."""

from collections.abc import Iterator

from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Place
from services.runtime.catalogue.mistakes import Mistake


def check_objectives(known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the tree of objectives."""
    parents = {name: one.model.parent for name, one in known.objectives.items() if one.model is not None}
    for name, one in known.objectives.items():
        objective, document = one.model, one.document
        if objective is None:
            continue
        if objective.parent is not None and not (
            objective.parent in known.objectives or known.excused("objective", objective.parent)
        ):
            yield document.unknown(("parent",), "objective", objective.parent, known.objectives)
        for number, kpi in enumerate(objective.kpis):
            place: Place = ("kpis", number)
            if kpi in objective.kpis[:number]:
                yield document.mistake(place, f"{kpi!r} stands here twice")
            if kpi not in known.links and kpi not in known.kpis and not known.excused("kpi", kpi):
                yield document.unknown(place, "KPI", kpi, {*known.links, *known.kpis})
        path = [name]
        while (above := parents.get(path[-1])) is not None and above not in path:
            path.append(above)
        # Said once, at the first of them.
        if above == name and name == min(path):
            yield document.mistake(("parent",), f"parent goes in a circle: {' → '.join((*path, name))}")
