"""Rule 13: a changed rule is a new version, with panes and entities of its own."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from kpi.entities.journal import Journal
from kpi.entities.recovering import Recovered
from kpi.planning import plan
from schemas.kpis import Catalogue
from schemas.wire import EntityBlock
from tests.property.bodies.engine import Driven
from tests.property.rules.breaking import broken
from tests.property.rules.desk import accepted, at, values
from tests.property.rules.shop import DECLARATIONS, loaded

RESTORE = Journal.restore
LOG = [at(0, "1", "opened"), at(1, "2", "resolved"), at(6, "3", "reopened"), at(7, "4", "resolved")]


def from_seven_to_two() -> None:
    """The time that a resolution has to last changes after the third record, when that at 1 has been withdrawn."""
    driven = Driven("resolution", accepted(LOG, 9))
    driven.take(3)
    driven.flush()
    assert values(driven, "resolution") == []
    states = {name: state.model_copy(update={"within": 2}) for name, state in driven.entity.states.items()}
    driven.entity = driven.entity.model_copy(update={"states": states})
    driven.start()
    driven.signed.clear()
    driven.take(1)
    # On what the old rule left it would count the one at 7, and that at 1 would never come back.
    assert values(driven, "resolution") == []
    anew = Driven("resolution", accepted(LOG, 9), entity=driven.entity)
    anew.take(4)
    assert [(time, value) for time, _, value in values(anew, "resolution")] == [(1, 1), (7, 1)]


def test_another_definition_does_not_take_over_entities() -> None:
    def whatever_it_was(journal: Journal, blocks: Iterable[EntityBlock], consolidated: int) -> Recovered:
        return RESTORE(journal, [replace(block, definition=journal._definition) for block in blocks], consolidated)

    from_seven_to_two()
    with broken(("kpi.entities.journal.Journal.restore", whatever_it_was)):
        from_seven_to_two()


def groups(catalogue: Catalogue) -> set[str]:
    return {group for group in plan(catalogue).groups if not group.startswith("shop.order")}


def orders(catalogue: Catalogue) -> set[str]:
    return {group for group in plan(catalogue).groups if group.startswith("shop.order")}


CHANGES: dict[str, tuple[str, str, Callable[[Catalogue], set[str]]]] = {
    "within": ("within: 7m", "within: 2m", groups),
    "state": ("first: action = 'replied'", "first: action <> 'opened'", groups),
    "forget_after": ("forget_after: 20m", "forget_after: 30m", groups),
    "target": ("{value: 540,", "{value: 480,", groups),
    "corrections": ("corrections: 10m", "corrections: 9m", orders),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_definition_contributes_has_groups_of_its_own(change: str) -> None:
    old, new, named = CHANGES[change]

    def check() -> None:
        before, after = named(loaded()), named(loaded(DECLARATIONS.replace(old, new)))
        assert before
        assert after
        assert not before & after

    assert DECLARATIONS.count(old) == 1
    check()
    assert groups(loaded()) == groups(loaded(DECLARATIONS.replace("title: Resolution", "title: Resolved")))
    if named is groups:
        with broken(("kpi.planning.entity_digest", lambda _, name: name)):
            check()
