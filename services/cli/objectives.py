"""`kpi objectives`: what is to be achieved, by which KPIs, and what these are made of."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.tree import Tree

from schemas.kpis import Catalogue, Kpi
from schemas.objectives import Objective
from services.cli.catalogues import load_catalogue
from services.cli.console import output
from services.cli.context import (
    CatalogueOption,
    NoDefaultOption,
    PackOption,
    catalogue_overrides,
    load_settings,
    running_catalogue,
)

commands = typer.Typer()


@commands.command(rich_help_panel="Ask")
def objectives(
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
    measures: Annotated[bool, typer.Option("--measures", help="Also what the KPIs are made of.")] = False,
) -> None:
    """Show what is to be achieved, and which KPIs show whether it is, as a tree."""
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    declared = load_catalogue(settings)
    if not declared.objectives:
        output().print("no objectives are declared: write `objective: name` with title, owner and kpis")
    for tree in trees(declared, measures=measures):
        output().print(tree)


def trees(catalogue: Catalogue, *, measures: bool) -> Iterable[Tree]:
    """One tree for each objective that serves no other; KPIs of departments that are not loaded are left out."""
    for one in catalogue.objectives.values():
        if one.parent is None:
            tree = Tree(_titled(one))
            _grow(tree, one, catalogue, measures=measures)
            yield tree


def _grow(tree: Tree, objective: Objective, catalogue: Catalogue, *, measures: bool) -> None:
    for name in objective.kpis:
        kpi = catalogue.kpis.get(name)
        if kpi is not None:
            branch = tree.add(_named(kpi))
            for line in _parts(kpi) if measures else ():
                branch.add(line)
    for one in catalogue.objectives.values():
        if one.parent == objective.objective:
            _grow(tree.add(_titled(one)), one, catalogue, measures=measures)


def _titled(objective: Objective) -> str:
    return f"{objective.title} ({objective.owner}, {objective.review})"


def _named(kpi: Kpi) -> str:
    links = [f"feeds {kpi.feeds}"] if kpi.feeds else []
    links += [f"drives {kpi.drives}"] if kpi.drives else []
    links += [f"counter: {', '.join(kpi.counters)}"] if kpi.counters else []
    return "; ".join([f"{kpi.kpi}, {kpi.kind}, {kpi.department}", *links])


def _parts(kpi: Kpi) -> Iterable[str]:
    for name, measure in kpi.measures.items():
        yield f"{name}: {measure.aggregate.value} of {measure.from_}"
    for name in kpi.uses:
        yield f"uses {name}"
