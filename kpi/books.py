"""Whether the books of a topic partition balance: what is read is counted apart from where it ends."""

from schemas.progress import TopicProgress


def ended(topic: TopicProgress) -> int:
    """Records under a fate, and marks."""
    return sum(topic.fates.values()) + topic.marks


def unbalanced(topic: TopicProgress) -> int:
    """How many records the books do not explain; 0 where they balance.

    Each record read ends under one fate or is a mark, and none is read that has no offset of its own. Fewer records
    than offsets are right: markers of transactions have offsets too, and compaction takes records away.
    """
    beyond_the_log = topic.consumed + topic.lost - topic.position
    return abs(topic.consumed - ended(topic)) + max(beyond_the_log, 0)
