"""What `faust -A services.aggregator.app worker` and `… agents` load."""

from typing import Any

from services.aggregator.root import application


def __getattr__(name: str) -> Any:
    if name == "app":
        return application()
    raise AttributeError(name)
