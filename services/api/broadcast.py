"""Values as they change, for any number of listeners: computed once for all of them, a while after each flush."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from schemas.answers import Value
from services.api.answers import Answers
from services.api.questions import WindowRequest

COALESCE_SECONDS = 0.25
TICK_SECONDS = 5.0
"""Windows move on, and sources fall silent, without any flush."""

Subject = tuple[str, str]
"""A KPI and the name of a window."""

_PASSING = {"as_of", "lag_seconds"}


class Listener:
    """The values that one connection has not got yet, only the latest of each subject: a slow one misses the others."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self.subjects = frozenset(subjects)
        self._waiting: dict[Subject, Value] = {}
        self._sent: dict[Subject, Value] = {}
        self._news = asyncio.Event()

    def offer(self, subject: Subject, value: Value) -> None:
        """A value that is sent unless it says what was sent last."""
        sent = self._sent.get(subject)
        if sent is None or sent.model_dump(exclude=_PASSING) != value.model_dump(exclude=_PASSING):
            self._waiting[subject] = self._sent[subject] = value
            self._news.set()

    def wake(self) -> None:
        """Ends the waiting, with what there is."""
        self._news.set()

    async def news(self) -> list[Value]:
        """Waits for values, and takes them; none where it was only woken."""
        await self._news.wait()
        self._news.clear()
        values, self._waiting = list(self._waiting.values()), {}
        return values


class Broadcast:
    """Computes what the listeners want, each time that `changed` is set; `run` it as a task."""

    def __init__(self, answers: Answers, changed: asyncio.Event) -> None:
        self._answers, self._changed = answers, changed
        self._listeners: set[Listener] = set()
        self.stopping = False

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await self._changed.wait()
                await asyncio.sleep(COALESCE_SECONDS)
            except TimeoutError:
                pass
            self._changed.clear()
            subjects = {subject for listener in self._listeners for subject in listener.subjects}
            if not subjects:
                continue
            values = await asyncio.to_thread(self._compute, sorted(subjects))
            for listener in self._listeners:
                for subject in listener.subjects & values.keys():
                    listener.offer(subject, values[subject])

    def stop(self) -> None:
        """Ends all listening."""
        self.stopping = True
        for listener in self._listeners:
            listener.wake()

    async def listen(self, subjects: Iterable[Subject], longest: float) -> AsyncIterator[list[Value]]:
        """Values as they come, the present ones first, for at most `longest` seconds or until the service stops."""
        listener = Listener(subjects)
        self._listeners.add(listener)
        self._changed.set()
        end = asyncio.get_running_loop().time() + longest
        try:
            while not self.stopping:
                try:
                    async with asyncio.timeout_at(end):
                        values = await listener.news()
                except TimeoutError:
                    return
                if values:
                    yield values
        finally:
            self._listeners.discard(listener)

    def _compute(self, subjects: list[Subject]) -> dict[Subject, Value]:
        questions, now = self._answers.questions, self._answers.clock()
        asked = [questions.question(questions.kpi(kpi), WindowRequest(window), (), {}, now) for kpi, window in subjects]
        return dict(zip(subjects, self._answers.values(asked), strict=True))
