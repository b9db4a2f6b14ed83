"""A worked example told to the real tasks, and asked of the real answers."""

from collections.abc import Iterable

from kpi.reach import reach_of
from kpi.sources import OfEntity, OfPart, OfStream, source_of
from kpi.tasks.source import StreamSource
from kpi.values import Question
from kpi.windows import Window, kind_of, window_at
from schemas.answers import Value
from schemas.examples import Example
from schemas.kpis import Catalogue, Kpi
from schemas.times import parse_time, text_of
from tests.pipeline import Pipeline

MINUTE = 60_000


def parts_for(catalogue: Catalogue, name: str) -> Catalogue:
    """What one KPI needs of a catalogue. Its streams have one partition, and live clocks."""
    kpis = {one.kpi: one for one in _with_used(catalogue, catalogue.kpis[name])}
    measures = [measure.from_ for kpi in kpis.values() for measure in kpi.measures.values()]
    sources = [source_of(catalogue, each) for each in measures]
    entities = {one.entity.entity: one.entity for one in sources if isinstance(one, OfEntity)}
    streams = {one.stream.stream for one in sources if isinstance(one, OfStream | OfPart)}
    streams = streams.union(*(entity.of for entity in entities.values()))
    if catalogue.reporting.rates is not None:
        streams.add(catalogue.reporting.rates)
    once = {"partitions": 1, "clock": "live"}
    return catalogue.model_copy(
        update={
            "kpis": kpis,
            "entities": entities,
            "streams": {each: catalogue.streams[each].model_copy(update=once) for each in sorted(streams)},
        }
    )


def _with_used(catalogue: Catalogue, kpi: Kpi) -> Iterable[Kpi]:
    yield kpi
    for name in kpi.uses:
        yield from _with_used(catalogue, catalogue.kpis[name])


def window_of(catalogue: Catalogue, kpi: Kpi, example: Example) -> Window:
    """The window that the example asks for."""
    kind = kind_of(example.window, kpi.windows)
    first_month = catalogue.reporting.first_month
    return window_at(example.window, kind, parse_time(example.at), example.time_zone, first_month=first_month)


def clock_of(catalogue: Catalogue, kpi: Kpi, example: Example) -> int:
    """Up to where every stream has been heard, epoch milliseconds; where nothing is said, everything is final then."""
    if example.clock is not None:
        return parse_time(example.clock)
    lateness = max(stream.lateness for stream in catalogue.streams.values())
    last = max(parse_time(event["time"]) for _, event in example.told())
    reach = max(
        [
            kpi.reach,
            *(reach_of(catalogue, each.from_) for one in _with_used(catalogue, kpi) for each in one.measures.values()),
        ]
    )
    end = max(window_of(catalogue, kpi, example).end, last + 1) + reach + lateness
    return -(-end // MINUTE) * MINUTE


def answer(catalogue: Catalogue, name: str) -> Value:
    """What the service answers in the place of a KPI's example. `catalogue`: the parts that the KPI needs."""
    kpi = catalogue.kpis[name]
    example = kpi.example
    assert example is not None
    clock = clock_of(catalogue, kpi, example)
    pipeline = Pipeline(catalogue, now=text_of(clock))
    tasks = [pipeline.task(f"{unit}/0") for unit in pipeline.plan.units]
    for stream, event in example.told():
        pipeline.send(stream, event)
    for task in tasks:
        for topic, source in task.sources.items():
            if isinstance(source, StreamSource):
                task.advance_idle(topic, clock + source.stream.idle_timeout + source.stream.disorder)
    pipeline.flush(tasks)
    question = Question(kpi, [window_of(catalogue, kpi, example)], (), dict(example.where), compare=False)
    (value,) = pipeline.answers.values([question])
    return value
