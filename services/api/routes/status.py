"""How far the pipeline is, and where its records ended."""

from collections.abc import Sequence

from fastapi import APIRouter

from kpi.beginnings import Beginnings
from kpi.books import unbalanced
from kpi.plan import Plan
from schemas.answers import CoverageStatus, Status, TaskStatus, TopicStatus, ViewStatus, WorkStatus
from schemas.entities import NEVER
from schemas.progress import TopicProgress, Work
from schemas.times import text_of
from schemas.wire import Coverage, Progress
from services.api.answers import Answers
from services.runtime.problems import problem_responses


def status_routes(answers: Answers) -> APIRouter:
    """`/v1/status`."""
    router = APIRouter(tags=["status"], responses=problem_responses(401))

    @router.get("/v1/status", operation_id="get_status", summary="How far is every part?")
    def get_status() -> Status:
        with answers.reading() as reading:
            progress, now = reading.snapshot.all_progress(), reading.moment.now
            coverage = reading.snapshot.all_coverage()
            beginnings = Beginnings(answers.plan, reading.snapshot)
            since = {name: beginnings.of_kpi(answers.scope, name) for name in answers.catalogue.kpis}
        freshness = answers.freshness()
        expected = [
            f"{unit.name}/{number}" for unit in answers.plan.units.values() for number in range(unit.partitions)
        ]
        return Status(
            as_of=text_of(now),
            view=ViewStatus(
                recovered=freshness.recovered,
                stale=answers.is_stale(),
                lag_records=freshness.lag_records,
                staleness_seconds=freshness.staleness(now),
                trouble=freshness.trouble,
            ),
            balanced=not any(unbalanced(topic) for task in progress.values() for topic in task.topics.values()),
            tasks=tuple(_task(progress[name], answers.plan, now) for name in sorted(progress)),
            missing_tasks=tuple(name for name in expected if name not in progress),
            coverage=tuple(_coverage(kpi, time) for kpi, time in since.items() if time is not None),
            catalogue=answers.plan.catalogue,
            other_catalogues=_others(answers.plan.catalogue, [coverage[name] for name in expected if name in coverage]),
        )

    return router


def _task(progress: Progress, plan: Plan, now: int) -> TaskStatus:
    name, _, number = progress.task.rpartition("/")
    partition, unit = int(number), plan.units.get(name)
    rekeyed = {read.topic for read in unit.reads} if unit is not None else set()
    return TaskStatus(
        task=progress.task,
        incarnation=progress.incarnation,
        flush=progress.flush,
        at=text_of(progress.at),
        entities=progress.entities,
        work=_work(progress.work),
        topics=tuple(
            _topic(name, partition, topic, now, is_rekeyed=name in rekeyed)
            for name, topic in sorted(progress.topics.items())
        ),
    )


def _coverage(kpi: str, since: int) -> CoverageStatus:
    waits = since >= NEVER
    return CoverageStatus(kpi=kpi, since=None if waits else text_of(since), rebuild=waits)


def _others(catalogue: str, coverage: Sequence[Coverage]) -> dict[str, tuple[str, ...]]:
    others = sorted({said.catalogue for said in coverage} - {catalogue})
    return {other: tuple(sorted(said.task for said in coverage if said.catalogue == other)) for other in others}


def _work(work: Work) -> WorkStatus:
    return WorkStatus(
        flush_seconds=work.flush / 1000,
        recovery_seconds=work.recovery / 1000,
        take_overs=work.take_overs,
        fencings=work.fencings,
    )


def _topic(name: str, partition: int, topic: TopicProgress, now: int, *, is_rekeyed: bool) -> TopicStatus:
    lag = max(topic.end - topic.position, 0)
    behind = None if topic.appended is None else max(now - topic.appended, 0) / 1000
    return TopicStatus(
        topic=name,
        partition=partition,
        position=topic.position,
        end=topic.end,
        lag_records=lag,
        lag_seconds=behind if lag else 0.0,
        watermark=None if topic.watermark is None else text_of(topic.watermark),
        fates=topic.fates,
        consumed=topic.consumed,
        balanced=not unbalanced(topic),
        lost=topic.lost,
        marks=topic.marks if is_rekeyed else None,
        unknown_fields=topic.unknown_fields,
        conflicting=topic.conflicting,
    )
