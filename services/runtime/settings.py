"""Everything that can be set from outside, read once: `KPI_…` variables, an optional TOML file, overrides."""

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ByteSize, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import TomlConfigSettingsSource as TomlFile

from services.runtime.settings_errors import SettingMistake, SettingsRefused, mistakes_of, unknown_variables

PREFIX = "KPI_"


def _split(value: Any) -> Any:
    """`"a, b"` -> `("a", "b")`; anything but text is left as it is."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _user_folder() -> Path:
    stated = os.environ.get("XDG_DATA_HOME")
    return (Path(stated) if stated else Path.home() / ".local" / "share") / "kpi"


Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """What a service was told. Field `api_port` is the variable `KPI_API_PORT`, and the key `api_port` of the file.

    Lists are separated by commas. Sizes are in bytes and take units, such as `10MiB`. Port 0 takes any free one.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True
    )

    settings_file: Path | None = Field(None, description="TOML file with settings; variables go before it")
    data_dir: Path = Field(default_factory=_user_folder, description="where addresses, logs and views are kept")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="least severe log shown")

    catalogue: Paths = Field((), description="folders of declarations to add")
    packs: Names = Field(("sales", "marketing", "service"), description="shipped departments to load")
    default_catalogue: bool = Field(True, description="whether the shipped declarations are loaded at all")

    kafka_bootstrap_servers: str | None = Field(None, description="host:port, …; unset: an embedded broker")
    kafka_username: str | None = Field(None, description="SASL user")
    kafka_password: SecretStr | None = Field(None, description="SASL password")
    kafka_ca_file: Path | None = Field(None, description="PEM of the authority that signed the brokers' certificates")
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field("SCRAM-SHA-512")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", validate_default=True
    )
    replication_factor: int = Field(1, ge=1, description="copies of each topic that is created")

    embedded_port: Port = Field(9092, description="where the embedded broker listens")
    embedded_memory_limit: ByteSize = Field(ByteSize(2 << 30), gt=0, description="ingest answers 503 beyond it")

    flush_interval: float = Field(0.5, gt=0, description="seconds between two writes of changed panes")

    insecure: bool = Field(False, description="allow addresses beyond this machine without credentials")
    credentials_file: Path | None = Field(None, description="who may enter, as `kpi token` writes it; unset: anyone")
    token: SecretStr | None = Field(None, description="what the commands show to services that ask for a token")
    ingest_host: str = "127.0.0.1"
    ingest_port: Port = 8081
    ingest_max_body_bytes: ByteSize = Field(ByteSize(10 << 20), gt=0, description="largest body, unpacked too")
    ingest_buffer_limit: ByteSize = Field(ByteSize(64 << 20), gt=0, description="bytes not yet confirmed by Kafka")
    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    api_memory_limit: ByteSize = Field(ByteSize(1 << 30), gt=0, description="what the view of the panes may take")
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: Port = 8090

    @field_validator("kafka_bootstrap_servers")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        for server in (value or "").split(",") if value is not None else ():
            host, _, port = server.strip().rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"{server.strip()!r} is not host:port, such as kafka.example:9092")
        return value

    @field_validator("kafka_ca_file")
    @classmethod
    def _file_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @field_validator("catalogue")
    @classmethod
    def _folders_there(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        if missing := [str(folder) for folder in value if not folder.is_dir()]:
            raise ValueError(f"there is no folder {', '.join(missing)}")
        return value

    @field_validator("kafka_security_protocol")
    @classmethod
    def _user_where_wanted(cls, value: str, info: ValidationInfo) -> str:
        named = info.data.get("kafka_username") is not None
        has_password = info.data.get("kafka_password") is not None
        if value.startswith("SASL") and not (named and has_password):
            raise ValueError(f"{value} wants KPI_KAFKA_USERNAME and KPI_KAFKA_PASSWORD")
        if not value.startswith("SASL") and (named or has_password):
            raise ValueError(f"a user and password are never sent over {value}: use SASL_SSL")
        return value

    @field_validator("ingest_host", "api_host", "worker_metrics_host")
    @classmethod
    def _guarded(cls, value: str, info: ValidationInfo) -> str:
        if not is_loopback(value) and not info.data.get("credentials_file") and not info.data.get("insecure"):
            raise ValueError(
                f"{value} can be reached from other machines, and nobody would be asked who they are: "
                f"state {PREFIX}CREDENTIALS_FILE, which `kpi token` writes, or {PREFIX}INSECURE=true to go without"
            )
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        stated = {**env_settings(), **init_settings()}.get("settings_file")
        return (init_settings, env_settings, *([TomlFile(settings_cls, Path(stated))] if stated else []))

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the settings. An override that is None was not given. Raises `SettingsRefused` with every mistake."""
        mistakes = list(unknown_variables(os.environ, PREFIX, cls.model_fields))
        given = {name: value for name, value in overrides.items() if value is not None}
        file = given.get("settings_file") or os.environ.get(f"{PREFIX}SETTINGS_FILE")
        if file and not Path(file).is_file():
            raise SettingsRefused([*mistakes, SettingMistake(f"{PREFIX}SETTINGS_FILE", f"there is no file {file}")])
        try:
            settings = cls(**given)
        except ValidationError as error:
            raise SettingsRefused([*mistakes, *mistakes_of(error, PREFIX, cls.model_fields)]) from None
        except ValueError as error:
            raise SettingsRefused([*mistakes, SettingMistake(str(file), f"not TOML: {error}")]) from None
        if mistakes:
            raise SettingsRefused(mistakes)
        return settings


def effective(settings: Settings) -> Mapping[str, Any]:
    """Variable name -> JSON value, with tokens and passwords masked, in the order of their declaration."""
    stated = settings.model_dump(mode="json")
    return {PREFIX + name.upper(): value for name, value in stated.items()}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
