"""The catalogue's files: reading them with line numbers, and finding every mistake in one run."""

from services.runtime.catalogue.loading import load
from services.runtime.catalogue.mistakes import CatalogueErrors, Mistake

__all__ = ["CatalogueErrors", "Mistake", "load"]
