"""What most commands start from: the settings with their options laid over, and where the services are."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.failures import WRONG_USE, CommandFailed
from services.client.api import ApiClient
from services.runtime.addresses import NotRunning, read_addresses
from services.runtime.broker import kafka_of
from services.runtime.kafka import KafkaConnection
from services.runtime.settings import Settings
from services.runtime.settings_errors import SettingsRefused

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
    """A client of the api that runs, or of the one that the settings name. CommandFailed where there is neither."""
    try:
        url = read_addresses(settings.data_dir).api
    except NotRunning as error:
        # Services that were started one by one leave no addresses; then the settings name them.
        if not {"api_host", "api_port"} & settings.model_fields_set:
            raise CommandFailed(str(error)) from None
        url = None
    return ApiClient(url or base_url(settings.api_host, settings.api_port), token_of(settings))


def broker_of(settings: Settings) -> KafkaConnection:
    """The broker that runs, or that the settings name. CommandFailed where there is neither."""
    try:
        return kafka_of(settings)
    except (NotRunning, ValueError) as error:
        raise CommandFailed(f"{error}, or name a broker in KPI_KAFKA_BOOTSTRAP_SERVERS") from None


def base_url(host: str, port: int) -> str:
    """Where a service on this host and port is reached."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def token_of(settings: Settings) -> str | None:
    """What is shown to services that ask for a token."""
    return settings.token.get_secret_value() if settings.token else None
