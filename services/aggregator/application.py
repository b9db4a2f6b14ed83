"""The Faust application: agents, worker, commands and group membership are Faust's; the state is the keeper's."""

from collections.abc import Callable
from typing import Any

import faust

from kpi.planning import plan
from schemas.kpis import Catalogue
from services.aggregator.batching import BatchScheduler
from services.aggregator.committed import CommittedTransport
from services.aggregator.endpoint import Endpoint, endpoint
from services.aggregator.keeper import Keeper, KeeperOptions
from services.aggregator.measurements import Measurements
from services.aggregator.take_over import Definitions
from services.runtime.clock import wall_clock
from services.runtime.faust_broker import faust_credentials, faust_urls
from services.runtime.gate import credentials_of
from services.runtime.kafka import KafkaConnection
from services.runtime.settings import Settings

GROUP = "kpi-aggregator"
BATCHES_BUFFERED = 4
FETCH_BYTES = 4 << 20


class Aggregator(faust.App):
    """Faust's app with a keeper that starts before the consumer and stops after it."""

    keeper: Keeper
    make_keeper: Callable[..., Keeper]
    make_endpoint: Callable[..., Endpoint]

    def on_init_dependencies(self) -> list[Any]:
        """Faust's hook: what starts with the app, in order."""
        self.keeper = self.make_keeper(self, loop=self.loop, beacon=self.beacon)
        endpoint = self.make_endpoint(self.keeper, loop=self.loop, beacon=self.beacon)
        return [self.keeper, *super().on_init_dependencies(), endpoint]

    def _new_transport(self) -> CommittedTransport:
        return CommittedTransport(self.conf.broker_consumer, self, loop=self.loop)

    async def on_stop(self) -> None:
        """The last flush, while the consumer is still a member; later hooks come too late."""
        await self.keeper.flush_all()
        await super().on_stop()


def _agent(app: Aggregator, name: str, source: str) -> None:
    # acks=False: Faust's own bookkeeping would commit over batches that are not written yet.
    topic = app.topic(
        source,
        value_type=bytes,
        value_serializer="raw",
        key_serializer="raw",
        maxsize=BATCHES_BUFFERED,
        acks=False,
    )

    @app.agent(topic, name=name, concurrency=1)
    async def keep(stream: Any) -> None:
        """Keeps the windowed tables of one topic: each event is a whole batch of raw records."""
        async for event in stream.events():
            await app.keeper.take(event.message.tp, event.value)

    keep.help = f"Keeps the windowed KPI tables that {source} feeds."


def create_app(settings: Settings, kafka: KafkaConnection, catalogue: Catalogue) -> Aggregator:
    """The app for a catalogue: an agent for each topic of a stream, of its backfill, and for each re-keyed one."""
    datadir = settings.data_dir / "faust"
    datadir.mkdir(parents=True, exist_ok=True)
    app = Aggregator(
        GROUP,
        broker=faust_urls(kafka),
        broker_credentials=faust_credentials(kafka),
        datadir=datadir,
        ConsumerScheduler=BatchScheduler,
        stream_buffer_maxsize=BATCHES_BUFFERED,
        consumer_max_fetch_size=FETCH_BYTES,
        stream_wait_empty=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        store="memory://",
        # Only with standbys does Faust use its own assignor, which keeps the topics of a task together.
        table_standby_replicas=1,
        broker_session_timeout=6.0,
        broker_heartbeat_interval=1.0,
        broker_rebalance_timeout=20.0,
        broker_request_timeout=30.0,
        worker_redirect_stdouts=False,
    )
    measurements = Measurements()
    credentials = credentials_of(settings, settings.worker_metrics_host)
    definitions = Definitions(catalogue, plan(catalogue))
    options = KeeperOptions(kafka, definitions, settings.flush_interval, measurements, wall_clock)
    app.make_keeper = lambda owner, **service: Keeper(owner, options, **service)
    app.make_endpoint = lambda keeper, **service: Endpoint(
        settings, endpoint(credentials, measurements.registry, keeper.readiness), **service
    )
    for topic in dict.fromkeys(topic for unit in definitions.plan.units.values() for topic in unit.topics):
        _agent(app, topic.removesuffix(".v1"), topic)

    @app.on_partitions_assigned.connect
    async def hand_out(sender: Any, /, *assigned: Any, **_: Any) -> None:
        sender.keeper.assign(set(assigned[0]))

    @app.on_partitions_revoked.connect
    async def hand_over(sender: Any, /, *_: Any, **__: Any) -> None:
        await sender.keeper.hand_over()

    return app
