"""Case T3 on accepting, and a batch of nothing."""

import pytest

from kpi.accepting.fates import judge
from tests.property.accepting.oracle import Declared, Event
from tests.property.accepting.streams import T0, Partition


@pytest.mark.parametrize("cuts", [[], [1], [2, 4], [1, 2, 3, 4]])
def test_case_t3_as_far_as_accepting_goes(cuts: list[int]) -> None:
    """Of D1's, D2's and D3's partition, as if it were one: the twin was moved there and is read again as the last."""

    def won(source: str, identifier: str, amount: int, deal: str) -> Event:
        return {"id": identifier, "source": source, "time": T0, "amount": amount, "team": deal}

    log = [
        won("crm", "1", 1000, "D1"),
        won("shop", "1", 500, "D2"),
        won("crm", "2", 700, "D3"),
        won("crm", "2", 900, "D3"),
        won("crm", "3", 700, "D3"),
        won("crm", "1", 1000, "D1"),
    ]
    partition = Partition(Declared(disorder=0, lateness=0, corrections=None, remembered=1000), log)
    found = partition.run(cuts)
    assert found.fates == ["aggregated"] * 3 + ["duplicate", "aggregated", "duplicate"]
    assert (found.count("duplicate"), found.conflicting) == (2, 1)


def test_an_empty_batch_changes_nothing() -> None:
    partition = Partition(Declared(disorder=0, lateness=0, corrections=1, remembered=10), [{"id": "a", "time": T0}])
    judged = judge(partition.stream, partition.frame(0, 1).clear(), None, partition.seen)
    assert (judged.accepted.height, judged.late.height, judged.duplicates, judged.watermark) == (0, 0, 0, None)
