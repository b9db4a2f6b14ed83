"""The composition root of a worker."""

import functools
import gc

import faust

from schemas.kpis import Catalogue
from services.aggregator.application import Aggregator, create_app
from services.runtime.broker import kafka_of
from services.runtime.catalogue import load
from services.runtime.logging import configure_logging
from services.runtime.settings import Settings

OBJECTS_BETWEEN_COLLECTIONS = 200_000


@functools.cache
def application() -> Aggregator:
    """The app from the environment: settings, catalogue, and the broker that they name or `kpi up` started."""
    settings = Settings.load()
    configure_logging(settings.log_level)
    catalogue = load(settings.catalogue, packs=settings.packs, default=settings.default_catalogue)
    return compose(settings, catalogue)


def compose(settings: Settings, catalogue: Catalogue) -> Aggregator:
    """The app for settings that are read already. Raises NotRunning where no broker is named and none was started."""
    app = create_app(settings, kafka_of(settings), catalogue)
    look_for_cycles_seldom()
    return app


def look_for_cycles_seldom() -> None:
    """Has this process let its garbage collector rest.

    A fetch makes an object a record, none of them in a cycle: at Python's own pace, looking for cycles among them takes
    a third of the CPU that an event costs.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


def run(settings: Settings, catalogue: Catalogue) -> int:
    """Runs one worker until it is told to stop; the exit status."""
    app = compose(settings, catalogue)
    worker = faust.Worker(app, loglevel=settings.log_level, redirect_stdouts=False, override_logging=False)
    try:
        worker.execute_from_commandline()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0
