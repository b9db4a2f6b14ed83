"""What is served: the KPIs and their declarations."""

from fastapi import APIRouter

from schemas.answers import KpiDetail, KpiList, KpiSummary
from schemas.kpis import Kpi
from services.api.answers import Answers
from services.runtime.problems import problem_responses


def catalogue_routes(answers: Answers) -> APIRouter:
    """`/v1/kpis` and `/v1/kpis/{kpi}`."""
    router = APIRouter(tags=["catalogue"], responses=problem_responses(401))

    @router.get("/v1/kpis", operation_id="list_kpis", summary="Which KPIs are served?")
    async def list_kpis() -> KpiList:
        return KpiList(kpis=tuple(_summary(answers, kpi) for kpi in answers.catalogue.kpis.values()))

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
