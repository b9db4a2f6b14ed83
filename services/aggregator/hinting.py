"""What the group is told of where we stand: a hint, for lag tools and for a start near by. No value depends on it."""

from services.aggregator.flow import Flow
from services.aggregator.owned import Holdings


async def tell_places(holdings: Holdings, flow: Flow) -> None:
    """Commits the places of all partitions of which everything is written. May fail unseen."""
    written = holdings.written()
    places = {tp: place for tp, place in written.items() if tp in flow.here()} if written else {}
    if places:
        await flow.hint(places)
