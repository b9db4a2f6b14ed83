"""Rule 6, as far as it goes without timers: a key is not forgotten before its longest deadline."""

from collections.abc import Iterator

from services.runtime.catalogue import CatalogueErrors, Mistake
from tests.property.rules.breaking import broken
from tests.property.rules.shop import DECLARATIONS, loaded


def mistakes(forget_after: str) -> list[str]:
    """What is said of the ticket, whose longest deadline is 9 minutes."""
    try:
        loaded(DECLARATIONS.replace("forget_after: 20m", f"forget_after: {forget_after}"))
    except CatalogueErrors as errors:
        return [one.message for one in errors.mistakes]
    return []


def too_soon() -> None:
    assert mistakes("539s") == ["forget_after is shorter than the longest value of the target 'answer'"]
    assert mistakes("540s") == []


def test_forget_after_is_at_least_the_longest_deadline() -> None:
    def unchecked(*_: object) -> Iterator[Mistake]:
        yield from ()

    too_soon()
    with broken(("services.runtime.catalogue.checks.entities._deadlines", unchecked)):
        too_soon()
