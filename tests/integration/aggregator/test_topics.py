"""A worker on topics that do not fit its catalogue says so and ends, before it reads anything."""

from pathlib import Path

import pytest

from tests.brokers.fixtures import Broker
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.harness import STOP_SECONDS
from tests.property.core.joins import DECLARATIONS


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("partitions: 2", "partitions: 3"), "shop.deal.by.lead_id.v1 has 2, declared are 3"),
        (("shop.deal: lead_id}", "shop.deal: deal_id}"), "do not exist: shop.deal.by.deal_id.v1. Run `kpi topics`"),
    ],
)
def test_a_worker_says_which_topics_do_not_fit(
    embedded_broker: Broker, install: Install, tmp_path: Path, changed: tuple[str, str], said: str
) -> None:
    installation = install(embedded_broker, declarations=DECLARATIONS)
    (tmp_path / "catalogue" / "all.yaml").write_text(DECLARATIONS.replace(*changed))
    worker = installation.spawn()
    assert worker.process.wait(STOP_SECONDS) == 1
    assert said in worker.output
    assert "Traceback" not in worker.output
