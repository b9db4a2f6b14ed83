"""The states of an entity in words, a kind at a time: which events set them, and which take them back."""

from collections.abc import Iterator, Mapping

from kpi.explaining.expressions import condition, is_always
from kpi.explaining.streams import called
from kpi.explaining.words import listed, plain, quoted, sentence, span
from schemas.entities import Entity
from schemas.states import Predicate, State
from schemas.streams import Stream


class States:
    """Tells the states of one entity. `streams`: those of the catalogue."""

    def __init__(self, entity: Entity, streams: Mapping[str, Stream]) -> None:
        self._entity, self._streams = entity, streams

    def told(self, name: str) -> str:
        """What the state is, in whole sentences."""
        state, said = self._entity.states[name], quoted(plain(name))
        parts: list[str] = []
        for kind, words in (
            (state.first, self._first),
            (state.set, self._set),
            (state.last, self._last),
            (state.enter, self._held),
            (state.latest, self._latest),
            (state.opens, self._paired),
            (state.stages or None, self._stages),
            (state.while_, self._while),
        ):
            if kind is not None:
                parts += words(said, state)
        if state.is_by_lane:
            parts.append(f"each {_lane(state)} has one of its own")
        return " ".join(sentence(each) for each in parts)

    def taken_back(self, name: str) -> str | None:
        """What takes the state back, or gives it up without a result, as a noun phrase; None where nothing does."""
        state = self._entity.states[name]
        takers = (state.clear, state.unless, state.unclosed, state.drop)
        found = [self.event(predicate) for predicate in takers if predicate is not None]
        return f"{listed(found, 'or')}{_later(state)}" if found else None

    def event(self, predicate: Predicate | None, article: str = "an") -> str:
        """`an event for which …`; of several streams, each with its own condition."""
        if isinstance(predicate, dict):
            parts = [self._event_of(stream, sql) for stream, sql in predicate.items()]
            return f"{article} {listed(parts, 'or')}"
        if predicate is None or is_always(predicate):
            return f"{'any' if article == 'an' else article} event"
        return f"{article} event for which {condition(predicate)}"

    def _event_of(self, stream: str, sql: str) -> str:
        of = f"event of {called(self._streams[stream])}"
        return of if is_always(sql) else f"{of} for which {condition(sql)}"

    def _first(self, name: str, state: State) -> Iterator[str]:
        after = f", later than {quoted(plain(state.after))}" if state.after is not None else ""
        yield f"{name} is set by {self.event(state.first, 'the first')}{after}, for good"
        if state.for_all is not None:
            yield f"it waits until there is one for each {_lane(state)} with {self.event(state.for_all)}"
        if state.unless is not None:
            taker = f"{self.event(state.unless)}{_same_lane(state)}{_later(state)}"
            yield f"one that is followed by {taker}, does not count: the next one that stands does"

    def _set(self, name: str, state: State) -> Iterator[str]:
        yield f"{name} is set by {self.event(state.set, 'the first')}"
        taker = f"{self.event(state.clear)}{_later(state)},"
        yield f"{taker} takes it back as if it had never been, and it may be set again"
        yield "one that comes later takes nothing back: it counts by itself, at its own date"

    def _last(self, name: str, state: State) -> Iterator[str]:
        if state.by is not None:
            until = f"until the deadline {quoted(plain(state.by))}"
        else:
            until = f"from {quoted(plain(state.after or ''))} on until {span(state.within or 0)} later"
        yield f"{name} is set by {self.event(state.last, 'the last')}, {until}"

    def _held(self, name: str, state: State) -> Iterator[str]:
        yield f"{name} is held from {self.event(state.enter)} until {self.event(state.leave)}"
        if state.renew is not None:
            yield f"{self.event(state.renew)} ends it and begins it anew with its own values"
        if state.within is not None:
            yield f"if it begins again at most {span(state.within)} after its end, the same case goes on"
        if state.drop is not None:
            late = "" if state.within is None else f" or at most {span(state.within)} after its end"
            yield f"{self.event(state.drop)}, while it is held{late}, gives it up without a result"
        for what, predicate in state.counting.items():
            often = f"how often there is {self.event(predicate)}"
            yield f"{quoted(plain(what))} is {often}, from its beginning to its end"
        if state.followed is not None:
            yield f"it is followed if there is {self.event(state.followed)}{_later(state)}"

    def _latest(self, name: str, state: State) -> Iterator[str]:
        lasting = "" if state.lasting is None else f", for at most {span(state.lasting)}"
        yield f"{name} is as {self.event(state.latest, 'the latest')} says, until the next one comes{lasting}"

    def _paired(self, name: str, state: State) -> Iterator[str]:
        closed = f"{self.event(state.closes, 'the first')}{_later(state)}, closes it"
        yield f"{name} is a pair: {self.event(state.opens)} opens it, and {closed}"
        if state.every:
            yield "each event that opens has a pair of its own"
            yield "one that closes closes all that are open, and belongs to the last of them"
        else:
            yield f"what else opens or closes within {span(state.within or 0)} belongs to the same pair"
        for predicate, what in ((state.unless, "an opening"), (state.unclosed, "a closing")):
            if predicate is not None:
                yield f"{self.event(predicate)}{_same_lane(state)}{_later(state)}, takes {what} back"

    def _stages(self, name: str, state: State) -> Iterator[str]:
        entered = [f"{quoted(stage)}, entered by {self.event(predicate)}" for stage, predicate in state.stages.items()]
        yield f"{name} is a course of stages: {'; '.join(entered)}"
        yield f"{self.event(state.won)} ends it forward, and {self.event(state.lost)} backward"
        yield "a stage is left forward for a later one or that end, and backward for an earlier one or the other end"
        yield f"a stage that is entered again at most {span(state.within or 0)} after it was left was not left"

    def _while(self, name: str, state: State) -> Iterator[str]:
        lane = f"; each {_lane(state)} by itself" if state.per is not None else ""
        yield f"{name} is held from {self.event(state.while_)} until the next event that says otherwise{lane}"
        if lane and not state.each:
            yield "where it is held in several of them at once, it counts once"


def _later(state: State) -> str:
    return "" if state.within is None else f", at most {span(state.within)} later"


def _lane(state: State) -> str:
    return listed(dict.fromkeys(plain(field) for field in state.lanes.values()), "or")


def _same_lane(state: State) -> str:
    return f" of the same {_lane(state)}" if state.per is not None else ""
