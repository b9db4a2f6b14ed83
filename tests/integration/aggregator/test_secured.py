"""A worker over SASL_SSL, from its settings alone."""

import random

from tests.brokers.fixtures import Broker, SecuredBroker
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import accepted, check_books, check_calls
from tests.integration.aggregator.conftest import Install

CALLS = "sales.call.v1"


def test_a_worker_counts_over_tls_and_scram(secured_broker: SecuredBroker, install: Install) -> None:
    known = secured_broker.connection
    assert known.password is not None
    installation = install(
        Broker("kafka", secured_broker.bootstrap, transactions=True, connection=known),
        packs=("sales",),
        # Over TLS, the first flush is due long before the consumer is there.
        flush_interval=0.01,
        kafka_security_protocol=known.security_protocol,
        kafka_sasl_mechanism=known.sasl_mechanism,
        kafka_username=known.username,
        kafka_password=known.password.get_secret_value(),
        kafka_ca_file=known.ca_file,
    )
    installation.produce(events.spread("sales.call", events.calls(200, random.Random(1))))
    [worker] = installation.start()
    panes = installation.until_settled({CALLS: 200})
    check_calls(installation, panes, accepted(check_books(installation, panes, "sales.call")))
    assert worker.terminate() == 0
    assert known.password.get_secret_value() not in worker.output
