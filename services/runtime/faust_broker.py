"""The same connection to Kafka, as Faust takes it. Apart, since loading Faust takes most of a second."""

from faust.auth import Credentials, SASLCredentials, SSLCredentials

from services.runtime.kafka import KafkaConnection


def faust_urls(kafka: KafkaConnection) -> list[str]:
    """The `broker` setting of a Faust app."""
    return [f"aiokafka://{server.strip()}" for server in kafka.bootstrap_servers.split(",")]


def faust_credentials(kafka: KafkaConnection) -> Credentials | None:
    """The `broker_credentials` setting of a Faust app; None where the brokers ask nothing."""
    context = kafka.ssl_context()
    if kafka.username is not None and kafka.password is not None:
        return SASLCredentials(
            username=kafka.username,
            password=kafka.password.get_secret_value(),
            ssl_context=context,
            mechanism=kafka.sasl_mechanism,
        )
    return SSLCredentials(context=context) if context else None
