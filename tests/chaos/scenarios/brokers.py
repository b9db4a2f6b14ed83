"""Brokers that are killed and come back: a single one, and one of three."""

from services.runtime.kafka import KafkaConnection
from tests.brokers.cluster import KafkaCluster
from tests.chaos.arena import Arena
from tests.chaos.scenario import scenario

SHORTEST_SECONDS, LONGEST_SECONDS = 3.0, 9.0


@scenario("broker-bounce", times=4, fewer=1, alone=True, sentence="The broker is killed, and comes back.")
def broker_bounce(arena: Arena) -> None:
    """SIGKILL at random moments, so that of some commits nobody knows whether they were made."""
    cluster = own_cluster(arena)
    for _ in arena.faults():
        arena.sleep(arena.random.uniform(0.5, 2.0))
        _bounce(arena, cluster, 0, left=0)


@scenario("one-of-three", times=4, fewer=1, nodes=3, sentence="One of three brokers is killed, and comes back.")
def one_of_three(arena: Arena) -> None:
    """Each time another one, so that leaders and coordinators move."""
    cluster, first = own_cluster(arena), arena.random.randrange(3)
    for number in arena.faults():
        arena.sleep(arena.random.uniform(0.5, 2.0))
        _bounce(arena, cluster, (first + number) % 3, left=2)


def own_cluster(arena: Arena) -> KafkaCluster:
    """The cluster of a scenario that breaks it."""
    assert arena.cluster is not None, "this scenario needs a cluster of its own"
    return arena.cluster


def _bounce(arena: Arena, cluster: KafkaCluster, place: int, left: int) -> None:
    node = cluster.nodes[place]
    node.kill()
    down = arena.random.uniform(SHORTEST_SECONDS, SHORTEST_SECONDS + 1 if arena.size.short else LONGEST_SECONDS)
    arena.note(f"kill -9 of broker {place + 1}, for {down:.1f} s; {left} are left")
    arena.sleep(down)
    start_again(arena, cluster, place, arena.kafka)


def start_again(arena: Arena, cluster: KafkaCluster, place: int, kafka: KafkaConnection) -> None:
    """Starts a node, and returns when all are there."""
    cluster.nodes[place].start()
    cluster.wait_ready(kafka, len(cluster.nodes))
    arena.say(f"broker {place + 1} is back")
