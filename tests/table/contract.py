"""The names that must work, as the product's makers agreed on them: `contract.csv`, one row a KPI."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("contract.csv")
_SERVED = re.compile(r"\(?(?P<spans>[rtc() ]+?|at end|now)\)?(?: \+(?P<days>\d+) d)?(?:, closed by period_closed)?")


@dataclass(frozen=True, slots=True)
class Row:
    """What a KPI has to be. `serve`: `r` rolling windows, `t` to date, `c` complete periods; or `at end`, or `now`."""

    name: str
    department: str
    unit: str
    direction: str
    kind: str
    serve: str

    @property
    def rolling(self) -> bool:
        """Whether it is served for rolling and tumbling windows."""
        return "r" in self._served["spans"] or self.serve in ("at end", "now")

    @property
    def calendar(self) -> bool:
        """Whether it is served for calendar periods."""
        return bool({"t", "c"} & set(self._served["spans"])) or self.serve == "at end"

    @property
    def days(self) -> int | None:
        """After how many days a value is final, where the row states it."""
        days = self._served["days"]
        return None if days is None else int(days)

    @property
    def _served(self) -> re.Match[str]:
        found = _SERVED.fullmatch(self.serve)
        assert found is not None, f"{self.name}: {self.serve!r} is not understood"
        return found


def contract() -> dict[str, Row]:
    """Every row by its name."""
    with FILE.open(newline="") as lines:
        rows = [
            Row(row["id"], row["department"], row["unit"], row["direction"], row["kind"], row["serve"])
            for row in csv.DictReader(lines)
        ]
    return {row.name: row for row in rows}
