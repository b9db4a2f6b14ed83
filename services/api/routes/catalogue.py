"""What is served: the KPIs and their declarations."""

from typing import Annotated

from fastapi import APIRouter, Query

from schemas.answers import KpiDetail, KpiList, KpiSummary
from schemas.kpis import Kpi
from services.api.answers import Answers
from services.api.pages import page
from services.runtime.problems import problem_responses

MOST_LISTED = 500


def catalogue_routes(answers: Answers) -> APIRouter:
    """`/v1/kpis` and `/v1/kpis/{kpi}`."""
    router = APIRouter(tags=["catalogue"], responses=problem_responses(401))

    @router.get(
        "/v1/kpis", operation_id="list_kpis", summary="Which KPIs are served?", responses=problem_responses(422)
    )
    async def list_kpis(
        q: Annotated[str | None, Query(description="In id, title or sentence.", examples=["response"])] = None,
        department: Annotated[str | None, Query(examples=["service"])] = None,
        owner: Annotated[str | None, Query(examples=["support lead"])] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED, description="How many at once.")] = MOST_LISTED,
        cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    ) -> KpiList:
        """Those that all filters hold for, in the catalogue's order. Upper and lower case are the same in `q`."""
        found = [
            name
            for name, kpi in answers.catalogue.kpis.items()
            if (department is None or kpi.department == department)
            and (owner is None or kpi.owner == owner)
            and (q is None or q.casefold() in f"{name}\n{kpi.title}\n{kpi.sentence}".casefold())
        ]
        shown, following = page(found, limit, cursor)
        kpis = tuple(_summary(answers, answers.catalogue.kpis[name]) for name in shown)
        return KpiList(kpis=kpis, next=following)

    @router.get("/v1/kpis/{kpi}", operation_id="get_kpi", summary="What is a KPI?", responses=problem_responses(404))
    async def get_kpi(kpi: str) -> KpiDetail:
        found = answers.questions.kpi(kpi)
        declaration = found.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return KpiDetail(**_summary(answers, found).model_dump(), declaration=declaration)

    return router


def _summary(answers: Answers, kpi: Kpi) -> KpiSummary:
    return KpiSummary(
        kpi=kpi.kpi,
        title=kpi.title,
        sentence=kpi.sentence,
        department=kpi.department,
        unit=kpi.unit,
        direction=kpi.direction,
        kind=kpi.kind,
        owner=kpi.owner,
        dimensions=tuple(answers.questions.dimensions(kpi)),
        windows=kpi.windows.names(),
        definition_version=answers.versions[kpi.kpi],
    )
