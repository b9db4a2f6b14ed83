"""The catalogue that a command works on, as the settings name it."""

from schemas.kpis import Catalogue
from services.cli.failures import CommandFailed
from services.runtime.catalogue import CatalogueErrors, load
from services.runtime.settings import Settings


def load_catalogue(settings: Settings) -> Catalogue:
    """The declarations of the settings. CommandFailed with every mistake, each with its file and line."""
    try:
        return load(settings.catalogue, packs=settings.packs, default=settings.default_catalogue)
    except CatalogueErrors as error:
        raise CommandFailed(str(error)) from None
