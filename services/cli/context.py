"""What most commands start from: the settings with their options laid over, and where the services are."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.failures import WRONG_USE, CommandFailed
from services.client.api import ApiClient
from services.client.ingest import IngestClient
from services.runtime.addresses import NotRunning, read_addresses
from services.runtime.settings import Settings
from services.runtime.settings_errors import SettingsRefused
from services.runtime.tokens import Credential

CatalogueOption = Annotated[
    list[Path] | None,
    typer.Option("--catalogue", metavar="DIR", help="Add a folder of declarations. May be given again."),
]
PackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pack", metavar="NAME", help="Load this shipped department, and not the default ones. May be given again."
    ),
]
NoDefaultOption = Annotated[
    bool, typer.Option("--no-default-catalogue", help="Leave the shipped declarations out.", show_default=False)
]


def load_settings(**overrides: Any) -> Settings:
    """The settings of environment and file under these; None is not given. CommandFailed with every mistake."""
    try:
        return Settings.load(**overrides)
    except SettingsRefused as error:
        raise CommandFailed(str(error), WRONG_USE) from None


def catalogue_overrides(
    catalogue: list[Path] | None, pack: list[str] | None, no_default_catalogue: bool
) -> dict[str, Any]:
    """The three options of the catalogue as overrides of the settings."""
    return {
        "catalogue": tuple(folder.absolute() for folder in catalogue) if catalogue else None,
        "packs": tuple(pack) if pack else None,
        "default_catalogue": False if no_default_catalogue else None,
    }


def running_catalogue(settings: Settings) -> Settings:
    """The settings with the catalogue that runs, where they name none themselves."""
    if {"catalogue", "packs", "default_catalogue"} & settings.model_fields_set:
        return settings
    try:
        declarations = read_addresses(settings.data_dir).declarations
    except NotRunning:
        return settings
    return settings if declarations is None else settings.model_copy(update=dict(declarations))


def api_client(settings: Settings) -> ApiClient:
    """A client of the api that runs, or of the one that the settings name."""
    return ApiClient(_address(settings, "api"), _token(settings.api_credentials))


def ingest_client(settings: Settings) -> IngestClient:
    """A client of the ingest that runs, or of the one that the settings name."""
    return IngestClient(_address(settings, "ingest"), _token(settings.ingest_credentials))


def _token(credentials: tuple[Credential, ...]) -> str | None:
    # Whoever can read the service's settings may as well enter with its first credential.
    return credentials[0].token.get_secret_value() if credentials else None


def _address(settings: Settings, part: str) -> str:
    try:
        known: str | None = getattr(read_addresses(settings.data_dir), part)
    except NotRunning as error:
        # Services that were started one by one leave no addresses; then the settings name them.
        if not {f"{part}_host", f"{part}_port"} & settings.model_fields_set:
            raise CommandFailed(str(error)) from None
        known = None
    host: str = getattr(settings, f"{part}_host")
    port: int = getattr(settings, f"{part}_port")
    return known or f"http://{host}:{port}"
