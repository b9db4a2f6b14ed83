"""What is left of an error: no state that it came through, and no trace in the log."""

import asyncio
import gc

import pytest
from aiokafka.errors import KafkaError, ProducerFenced

from kpi.tasks.task import Flush
from services.aggregator.unheard import hear
from tests.unit.aggregator.keeping import HeldFlow, Keeping


async def test_an_error_that_is_kept_keeps_nothing_of_the_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    keeping, kept = Keeping(HeldFlow()), list[BaseException]()

    async def write(flush: Flush) -> None:
        assert flush.records
        refused = KafkaError("no transaction")
        kept.extend([ProducerFenced(), refused])
        try:
            raise refused
        except KafkaError:
            raise kept[0] from None

    monkeypatch.setattr(keeping.writer, "write", write)
    await keeping.take(0)
    await keeping.write_behind.flush_all()
    assert keeping.regained.tasks == [keeping.owned.name]
    assert [error.__traceback__ for error in kept] == [None, None]


async def test_what_the_client_leaves_behind_is_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    loop = asyncio.get_running_loop()
    seen: list[str] = []
    loop.set_exception_handler(lambda _, context: seen.append(context["message"]))
    hear(loop)
    for error in (ProducerFenced(), ValueError("of our own")):
        loop.create_future().set_exception(error)
    gc.collect()
    assert seen == ["Future exception was never retrieved"]
    assert "Traceback" not in capsys.readouterr().err
