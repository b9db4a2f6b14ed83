"""Whether a topic is the one that was read so far."""

import pytest

from kpi.tasks.refusals import CannotContinue
from kpi.tasks.source import Source
from schemas.progress import TopicProgress
from services.runtime.catalogue import load

CLICKS = load([], packs=["marketing"]).streams["web.click"]


def source(**progress: object) -> Source:
    found = Source("web.click.v1", CLICKS)
    found.restore(TopicProgress(**progress))  # type: ignore[arg-type] # what each test states
    return found


def test_the_same_topic_goes_on_and_its_id_is_kept() -> None:
    known = source(position=8, topic_id="a")
    known.identify("a", 8)
    known.identify(None, 9)
    assert known.progress().topic_id == "a"


def test_an_id_that_is_told_for_the_first_time_is_kept() -> None:
    known = source(position=8)
    known.identify("a", 8)
    assert known.progress().topic_id == "a"


def test_another_id_is_refused() -> None:
    with pytest.raises(CannotContinue, match=r"was made anew: .*has another id \(b, not a\).*`kpi rebuild`"):
        source(position=8, topic_id="a").identify("b", 20)


def test_a_log_that_ends_before_the_position_is_refused() -> None:
    with pytest.raises(CannotContinue, match="it was read up to offset 8, and this one ends at 7"):
        source(position=8).identify(None, 7)


def test_of_what_was_never_read_nothing_is_mixed() -> None:
    known = source(topic_id="a")
    known.identify("b", 3)
    assert known.progress().topic_id == "b"
