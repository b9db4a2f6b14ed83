"""Callers and their tokens, as the settings state them."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

SHORTEST_TOKEN = 16


class Credential(BaseModel):
    """One caller that may enter: its name and its token. Written `name=token` where settings are text."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    token: SecretStr

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        name, separator, token = value.partition("=")
        if not separator:
            raise ValueError("a credential is written name=token")
        return {"name": name.strip(), "token": token.strip()}

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        if len(self.token.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"the token of {self.name} is shorter than {SHORTEST_TOKEN} characters")
        return self
