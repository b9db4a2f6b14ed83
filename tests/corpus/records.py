"""The corpus of good and bad records, read from `records.yaml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.streams import Stream


@dataclass(frozen=True, slots=True)
class Case:
    """One value and the verdict on it: the flat event, or the pointer to the first thing wrong."""

    raw: bytes | None
    event: dict[str, Any] | None
    pointer: str | None
    unknown: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """The stream that the values belong to, when they arrived (epoch milliseconds), and the values."""

    stream: Stream
    appended: int
    cases: tuple[Case, ...]


def corpus() -> Corpus:
    """The whole corpus, freshly read."""
    content = yaml.safe_load(Path(__file__).with_name("records.yaml").read_text(encoding="utf-8"))

    def raw(entry: dict[str, Any], encoding: str = "utf-8") -> bytes | None:
        text = entry["raw"]
        return None if text is None else text.replace("@", content["base"]).encode(encoding)

    accepted = [
        Case(raw(entry), {**content["base_event"], **entry.get("fields", {})}, None, entry.get("unknown", 0))
        for entry in content["accepted"]
    ]
    invalid = [Case(raw(entry), None, entry["pointer"], 0) for entry in content["invalid"]]
    no_text = [Case(raw(entry, "latin-1"), None, entry["pointer"], 0) for entry in content["latin1"]]
    return Corpus(Stream.model_validate(content["stream"]), content["appended"], (*accepted, *invalid, *no_text))
