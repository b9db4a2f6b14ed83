"""What the core costs, without Kafka: entities, aggregates, panes and what is accepted, in one process."""
