"""What makes the key of an entity, and which entities may read a stream."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone
from tests.unit.catalogue.kinds import KINDS

CASES = {
    "unknown stream": Case(
        "of: {desk.ticket: customer_id, desk.call: customer_id}",
        "of: {desk.ticket: customer_id, desk.cal: customer_id}",
        "unknown stream 'desk.cal'",
        "desk.call",
    ),
    "unknown field of the second stream": Case(
        "desk.call: customer_id}",
        "desk.call: custmer_id}",
        "unknown field of desk.call 'custmer_id'",
        "customer_id",
    ),
    "unknown field of a key of several": Case(
        "[sku, site]", "[sku, sit]", "unknown field of stock.level 'sit'", "site"
    ),
    "a field twice": Case("[sku, site]", "[sku, sku]", "'sku' is in the key already"),
    "a key of nothing": Case("[sku, site]", "[]", "name at least one field that makes the key"),
    "a key that is no name": Case(
        "[sku, site]",
        "[sku, Site]",
        "'Site' is not a name: write lower-case letters, digits and _, a letter first",
    ),
    "keys of different lengths": Case(
        "desk.call: customer_id}",
        "desk.call: [customer_id, team]}",
        "the key has 2 fields in desk.call and 1 in desk.ticket",
    ),
    "keys of different kinds": Case(
        "desk.call: customer_id}",
        "desk.call: seconds}",
        "'seconds' of desk.call is a whole number, but 'customer_id' of desk.ticket is text: no key is in both",
    ),
    "different numbers of partitions": Case(
        "stream: desk.call\n",
        "stream: desk.call\npartitions: 2\n",
        "desk.call has 2 partitions and desk.ticket has 4: declare equally many",
        at="of: {desk.ticket: customer_id,",
    ),
    "a second entity by the stream's own key": Case(
        "of: {shop.order: customer_id}",
        "of: { stock.level: [sku, site] }",
        "stream stock.level is read by the entity 'item' ",
    ),
    "a stream named as a re-keyed one": Case(
        "stream: stock.level\n",
        "stream: desk.call.by.customer_id\nfields: {call_id: string}\n---\nstream: stock.level\n",
        "stream desk.call.by.customer_id has the name under which desk.call is kept for this key; rename the stream",
        at="of: {desk.ticket: customer_id,",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, KINDS)


def test_further_entities_read_a_stream_by_other_fields(found: Found) -> None:
    # Another field, another stream beside, or more fields: nothing of it is in the states of the first.
    further = """entity: shelf
of: {stock.level: [sku, shelf]}
forget_after: 1d
states:
  seen: {first: pieces > 0}
contributions:
  seen: {at: seen_time}
---
entity: team
of: {desk.ticket: [team, ticket_id]}
forget_after: 1d
states:
  seen: {first: team <> ''}
contributions:
  seen: {at: seen_time}
---
entity: both
of: {desk.ticket: ticket_id, desk.call: call_id}
forget_after: 1d
states:
  seen: {first: team <> ''}
contributions:
  seen: {at: seen_time}
"""

    assert found(f"{KINDS}---\n{further}") == ()
    assert found(f"{further}---\n{KINDS}") == ()
