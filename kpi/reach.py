"""How long after its date a contribution may still change.

A window [a, b) is final once watermark - lateness >= b + reach: from then on no record is accepted that could add,
withdraw or alter anything dated before b. What a record can do to a contribution depends on its kind:

* of a life, by `first` states alone: 0. A state that is set is set for good; what decides between a reply and its
  deadline lies before the earlier of the two, and what is dated by it.
* of a life that reads a state `set`: its `within`. It is withdrawn at most so long after it was set; a later `clear`
  counts at its own time. So for `first` with `unless`: a record taken back gives way to a later one, which is as far
  from its own date. And for `last`: a later record comes in its place; what runs until a deadline is dated by it.
  States that the contribution does not read do not matter.
* of a duration: what its two moments have. The pauses in between lie before the later of them.
* `each` holding (`enter`): its `within`. It ends anew when it is entered again at most so long after its end,
  and may be dropped or followed as long.
* `each` pair (`opens`): 0 where it is dated by what closes it, since the first to close it does so for good; else its
  `within`, as something may close it so long after it was opened.
* `closing`: 0, since a record belongs to what was opened before it; `within` where it is dated by the opening.
* pairs of which records may be taken back (`unless`, `unclosed`): `within`. What is dated by an opening is what the
  records up to so long after it make of it, and so is what is dated by a closing, which is later.
* `each` lane in which something is set: as of a life. States of kind `first` are read as they stood at the date.
* `each` stage (`stages`): its `within`. A return at most so long after a leaving withdraws it.
* `level`: 0. Each change is dated by the record that makes it, or ahead of it, and a change ahead is only moved to a
  moment that is ahead as well.
* a stream's contribution that is dated `at` a moment or spread over days: its `within`. A record that says it later is
  late. Of a spread all days are at or after the first one, by which that is judged. Where the stream closes its days,
  0: what is said of a closed day is late, and only a closed day is final.
* what became of a stream's records, by arrival: what its `ahead` has more than its lateness, since the watermark may
  run ahead of arrivals by so much.
* a stream of `recorded` figures: 0. What is recorded or replaced afterwards restates a final value.
* a stream with `corrections`: their horizon, on top of all that. A record that counts so far after the date may
  itself be corrected or voided so long after its own time.

An expression may read what comes after the contribution's date (a lead dated at its creation, which counts whether it
is won within 30 days). How long that takes stands in the expression, and the KPI's `reach` has to say it.
"""

from collections.abc import Mapping

from kpi.formulas import FormulaError, names_in
from kpi.sources import OfEntity, OfPart, OfStream, source_of
from schemas.entities import Contribution, Entity
from schemas.kpis import Catalogue
from schemas.parts import FatesPart, StreamPart
from schemas.states import State
from schemas.streams import Stream


def reach_of(catalogue: Catalogue, source: str) -> int:
    """Milliseconds after its date for which a contribution of `source` may still change.

    `source` is a stream (`web.click`), or a contribution of a stream or of an entity (`ticket.response`). Raises
    KeyError for a source that the catalogue does not have.
    """
    match source_of(catalogue, source):
        case OfStream(stream):
            return corrections_of(catalogue.streams, (stream.stream,))
        case OfPart(stream, part):
            return part_reach(stream, part)
        case OfEntity(entity, contribution):
            return contribution_reach(entity, contribution, catalogue.streams)


def part_reach(stream: Stream, part: StreamPart) -> int:
    """Milliseconds after its date for which a contribution of the stream may still change."""
    if isinstance(part, FatesPart):
        # What is still to arrive may be dated before a watermark that runs ahead of the clock.
        return max(stream.ahead - stream.lateness, 0)
    if stream.recorded:
        return 0
    within = part.within if part.is_dated and not stream.closes(part) else 0
    return within + (stream.corrections or 0)


def corrections_of(streams: Mapping[str, Stream], names: tuple[str, ...]) -> int:
    """The longest horizon of corrections, in milliseconds, of those of the named streams that are there."""
    known = (streams[name] for name in names if name in streams)
    return max((one.corrections or 0 for one in known if not one.recorded), default=0)


def contribution_reach(entity: Entity, contribution: Contribution, streams: Mapping[str, Stream]) -> int:
    """Milliseconds after its date for which a contribution of the entity may still change."""
    return _own(entity, contribution) + corrections_of(streams, tuple(entity.of))


def _own(entity: Entity, contribution: Contribution) -> int:
    if contribution.level is not None:
        return 0
    name = contribution.each or contribution.closing
    if name is None:
        read = entity.with_moments(_read(contribution))
        horizons = (state.within for name, state in entity.states.items() if _reads(read, name, state, entity))
        return max((horizon or 0 for horizon in horizons), default=0)
    state = entity.states.get(name)
    if state is None:
        return 0
    dated_by = entity.with_moments(_names(contribution.at))
    if state.opens is not None and not state.takes_back and dated_by and f"{name}_opened" not in dated_by:
        return 0
    return state.within or 0


def _read(contribution: Contribution) -> frozenset[str]:
    sqls = (contribution.at, contribution.value, contribution.where, contribution.currency)
    return frozenset[str]().union(*map(_names, (*sqls, *contribution.dimensions.values())))


def _reads(read: frozenset[str], name: str, state: State, entity: Entity) -> bool:
    offered = {f"{name}_time", *(f"{name}_{carried}" for carried in state.carrying)}
    deadlines = {deadline for deadline, one in entity.deadlines.items() if one.after == name}
    return not read.isdisjoint(offered | deadlines)


def _names(sql: str | None) -> frozenset[str]:
    """What an expression names; nothing where it is none, which is a mistake of its own."""
    if sql is None:
        return frozenset()
    try:
        return frozenset(names_in(sql))
    except FormulaError:
        return frozenset()
