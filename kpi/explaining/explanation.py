"""What a KPI is, as sections of sentences: for a terminal, for pages, for whoever asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from kpi.explaining import entries, examples, limits, measures, recorded, streams, windows
from kpi.explaining.examples import Table
from kpi.explaining.expressions import condition, value
from kpi.explaining.words import listed, plain, quoted, sentence
from kpi.formulas import names_in
from kpi.reach import reach_of
from kpi.sources import OfEntity, OfPart, OfStream, Source, source_of
from schemas.kpis import Aggregate, Catalogue, Kpi
from schemas.streams import Stream


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences on one question; `tables` come after the sentences, `closing` after the tables."""

    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    closing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A KPI in words."""

    kpi: str
    title: str
    sentence: str
    sections: tuple[Section, ...]


def explain(catalogue: Catalogue, name: str) -> Explanation:
    """The explanation of a KPI, from its declaration and from all that it is made of. KeyError for an unknown one."""
    kpi = catalogue.kpis[name]
    read = [
        (each, measure, source_of(catalogue, measure.from_))
        for one in with_used(catalogue, kpi)
        for each, measure in one.measures.items()
        if one is kpi or each in named_by(one)
    ]
    of = streams_of(catalogue, [source for _, _, source in read])
    reach = max([kpi.reach, *(reach_of(catalogue, measure.from_) for _, measure, _ in read)])
    sections = (
        Section("What kind of number it is", tuple(windows.standing(catalogue, kpi))),
        Section("How it is computed", tuple(_computed(catalogue, kpi))),
        Section("From which events", tuple(dict.fromkeys(_made_of(catalogue, read, of)))),
        Section("What does not count", tuple(limits.not_counted(catalogue, read, of))),
        Section("When a value is final", tuple(limits.final(kpi, reach, of))),
        Section("Which windows there are", tuple(windows.served(catalogue, kpi))),
        Section("What is aimed at", tuple(windows.aimed_at(kpi))),
        *_example(catalogue, kpi),
    )
    return Explanation(name, kpi.title, sentence(kpi.sentence), sections)


def with_used(catalogue: Catalogue, kpi: Kpi) -> list[Kpi]:
    """The KPI and all that it uses, by whatever way, each once."""
    found, queue = {kpi.kpi: kpi}, [kpi]
    while queue:
        for name in queue.pop(0).uses:
            if name not in found:
                found[name] = catalogue.kpis[name]
                queue.append(catalogue.kpis[name])
    return list(found.values())


def named_by(kpi: Kpi) -> frozenset[str]:
    """What the KPI's own formula, and the sums over members that it is made of, name."""
    sums = () if kpi.members is None else kpi.members.sums.values()
    return frozenset(name for sql in (kpi.formula, *sums) for name in names_in(sql))


def streams_of(catalogue: Catalogue, sources: list[Source]) -> list[Stream]:
    """The streams whose events are read, each once, in the order in which they are met."""
    names: dict[str, None] = {}
    for source in sources:
        match source:
            case OfStream(stream) | OfPart(stream):
                names[stream.stream] = None
            case OfEntity(entity):
                names |= dict.fromkeys(entity.of)
    return [catalogue.streams[name] for name in names]


def _computed(catalogue: Catalogue, kpi: Kpi) -> Iterator[str]:
    if kpi.recorded is not None:
        yield from recorded.computed(kpi)
        return
    yield from _formula(catalogue, kpi, "It")
    for name, sql in kpi.also.items():
        yield sentence(f"beside it stands {measures.called(name)}: {value(sql)}")
    for name, sql in kpi.flags.items():
        yield sentence(f"the answer says {measures.called(name)} where {condition(sql)}")
    for used in with_used(catalogue, kpi)[1:]:
        yield sentence(f"the KPI {quoted(used.title)}: {used.sentence[:1].lower()}{used.sentence[1:]}")
        yield from _formula(catalogue, used, f"The KPI {quoted(used.title)}")


def _formula(catalogue: Catalogue, kpi: Kpi, what: str) -> Iterator[str]:
    named = named_by(kpi)
    parts = {name: words for name, words in measures.made_of(catalogue, kpi) if what == "It" or name in named}
    if kpi.formula.strip() in parts and len(parts) == 1:
        yield sentence(f"{what} is {parts[kpi.formula.strip()]}")
        return
    yield sentence(f"{what} is {value(kpi.formula)}")
    if kpi.members is not None:
        who = listed(plain(name) for name in kpi.members.of)
        yield sentence(f"that is computed for each {who} first, and added up then")
        for name, sql in kpi.members.sums.items():
            yield sentence(f"there, {measures.called(name)} is the sum, over them, of {value(sql)}")
    for name, words in parts.items():
        yield sentence(f"there, {measures.called(name)} is {words}")
    if "nullif" in kpi.formula.lower() or "/" in kpi.formula:
        why = f" ({plain(kpi.zero_means)})" if kpi.zero_means is not None else ""
        yield f"Where there is nothing to divide by, there is no value{why}."


def _made_of(catalogue: Catalogue, read: list[limits.Read], of: list[Stream]) -> Iterator[str]:
    for stream in of:
        yield streams.described(stream)
        yield from streams.looked_up(stream)
    worth = {measure.from_ for _, measure, _ in read if measure.aggregate is not Aggregate.count}
    for _, measure, source in read:
        yield from entries.made_of(catalogue, source, measure.from_, worth=measure.from_ in worth)


def _example(catalogue: Catalogue, kpi: Kpi) -> Iterator[Section]:
    example = kpi.example
    if example is not None:
        yield Section(
            "An example",
            examples.alike(catalogue, example),
            examples.tables(catalogue, example),
            (sentence(example.arithmetic), examples.asked(kpi, example)),
        )
