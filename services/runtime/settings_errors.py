"""What is wrong with the settings, said all at once and by the names that people write."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class SettingMistake:
    """One wrong setting: its variable, and what is wrong with it. Never holds a secret."""

    variable: str
    reason: str


class SettingsRefused(Exception):
    """The settings are wrong; `mistakes` lists all of them."""

    def __init__(self, mistakes: Iterable[SettingMistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{mistake.variable}: {mistake.reason}" for mistake in self.mistakes))


def mistakes_of(error: ValidationError, prefix: str, known: Collection[str]) -> Iterator[SettingMistake]:
    """A validation error's entries, by variable. An entry within a list is named by its place, counted from 1.

    `known`: the names of all settings, to say which one is nearest to one that there is not.
    """
    for entry in error.errors(include_input=False, include_url=False, include_context=False):
        name, *within = entry["loc"]
        place = "".join(f", entry {step + 1}" for step in within if isinstance(step, int))
        variable = prefix + str(name).upper()
        unknown = entry["type"] == "extra_forbidden"
        reason = _unknown(variable, prefix, known) if unknown else entry["msg"].removeprefix("Value error, ")
        yield SettingMistake(variable + place, reason)


def unknown_variables(environment: Mapping[str, str], prefix: str, known: Collection[str]) -> Iterator[SettingMistake]:
    """The variables with our prefix that set nothing, with the nearest name that does."""
    names = {prefix + name.upper() for name in known}
    for variable in sorted(environment):
        if variable.startswith(prefix) and variable not in names:
            yield SettingMistake(variable, _unknown(variable, prefix, known))


def _unknown(variable: str, prefix: str, known: Collection[str]) -> str:
    nearest = get_close_matches(variable, [prefix + name.upper() for name in known], n=1)
    return "there is no such setting" + (f"; did you mean {nearest[0]}?" if nearest else "")
