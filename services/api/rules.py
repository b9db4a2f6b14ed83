"""Prometheus rules from the catalogue: what is on the wrong side of its target, and what gets worse by the period.

And one that no declaration asks for: that the books of the pipeline balance.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from schemas.kpis import Alert, Catalogue, Kpi
from services.api.metrics import watched_window

FILE_NAME = "kpi.rules.yml"
MISSED = "at_risk|off_track|not_met"


def rules(catalogue: Catalogue) -> dict[str, Any]:
    """The rule file as a mapping: a group for each kind of alert, a rule for each KPI that declares it; then the books.

    All expressions leave the instance out, so that two replicas of the api do not alert twice.
    """
    alerting = [(kpi, kpi.alert) for kpi in catalogue.kpis.values() if kpi.alert is not None]
    groups = {
        "kpi-targets": [
            _over_target(kpi, alert, conditions)
            for kpi, alert in alerting
            if "over_target" in alert.when and (conditions := list(_wrong_side(kpi, alert)))
        ],
        "kpi-trends": [_worsening(kpi, alert) for kpi, alert in alerting if "trend" in alert.when and _sides(kpi)],
        "kpi-books": [_books()],
    }
    return {"groups": [{"name": name, "rules": found} for name, found in groups.items() if found]}


def rules_file(catalogue: Catalogue) -> str:
    """The rule file as YAML."""
    heading = "# Generated from the catalogue by `kpi rules`. Change the declarations, not this file.\n"
    return heading + yaml.safe_dump(rules(catalogue), sort_keys=False, width=1000, allow_unicode=True)


def write_rules(catalogue: Catalogue, folder: Path) -> list[Path]:
    """Write the rule file into `folder`, which is made where it is missing; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    file.write_text(rules_file(catalogue), encoding="utf-8")
    return [file]


def _books() -> dict[str, Any]:
    return {
        "alert": "KpiBooksUnbalanced",
        "expr": "max without (instance) (kpi_books_unbalanced_records) > 0",
        "labels": {"severity": "critical"},
        "annotations": {
            "summary": "{{ $labels.topic }} partition {{ $labels.partition }}: the books do not balance",
            "description": "{{ $value }} records were read that no fate accounts for, or the other way round. Values"
            " that this topic feeds may be wrong: `kpi status` names the counts, `kpi rebuild` counts anew.",
            "runbook_url": "/runbooks/KpiBooksUnbalanced",
        },
    }


def _over_target(kpi: Kpi, alert: Alert, conditions: list[str]) -> dict[str, Any]:
    window = watched_window(kpi)
    # A total is below its target for most of a period: the status knows what to expect, and what is too early to judge.
    judged = f'max without (instance, status) (kpi_status{{{_selector(kpi, alert)}, status=~"{MISSED}"}}) == 1'
    return _rule(
        "KpiOverTarget",
        kpi,
        alert,
        f"({' or '.join(conditions)}) and {judged}",
        {
            "summary": f"{kpi.title}{_whose(alert)} is on the wrong side of its target ({window})",
            "description": f"{kpi.sentence} The value is {{{{ $value | humanize }}}} {kpi.unit}. Owner: {kpi.owner}.",
        },
    )


def _worsening(kpi: Kpi, alert: Alert) -> dict[str, Any]:
    window, worse = watched_window(kpi), _sides(kpi)[0]
    past = [_series("kpi_window_value", kpi, alert, ago) for ago in (1, 2, 3)]
    return _rule(
        "KpiWorsening",
        kpi,
        alert,
        f" {worse} ".join(past),
        {
            "summary": f"{kpi.title}{_whose(alert)} got worse over three windows in a row ({window})",
            "description": f"{kpi.sentence} The last complete window has {{{{ $value | humanize }}}} {kpi.unit}."
            f" Owner: {kpi.owner}.",
        },
    )


def _wrong_side(kpi: Kpi, alert: Alert) -> Iterator[str]:
    """The comparisons of the value with each kind of target that the KPI has."""
    value = _series("kpi_value", kpi, alert)
    if any(target.value is not None for target in kpi.targets):
        for side in _sides(kpi):
            yield f"{value} {side} {_series('kpi_target', kpi, alert)}"
    for name, side, bounded in (
        ("kpi_target_lower", "<", any(target.min is not None for target in kpi.targets)),
        ("kpi_target_upper", ">", any(target.max is not None for target in kpi.targets)),
    ):
        if bounded:
            yield f"{value} {side} {_series(name, kpi, alert)}"


def _sides(kpi: Kpi) -> tuple[str, ...]:
    """The comparison that is unfavourable; none where there is no direction, or not one for all values."""
    return {"up": ("<",), "down": (">",)}.get(kpi.direction, ())


def _series(metric: str, kpi: Kpi, alert: Alert, ago: int | None = None) -> str:
    if ago is None:
        return f"max without (instance) ({metric}{{{_selector(kpi, alert)}}})"
    return f'max without (instance, periods_ago) ({metric}{{{_selector(kpi, alert)}, periods_ago="{ago}"}})'


def _selector(kpi: Kpi, alert: Alert) -> str:
    # Beside each member there is the whole, without the label: the declared labels say that members are watched.
    members = "".join(f', {label}!=""' for label in alert.labels)
    return f'kpi="{kpi.kpi}", window="{watched_window(kpi)}"{members}'


def _whose(alert: Alert) -> str:
    return "".join(f" {label} {{{{ $labels.{label} }}}}" for label in alert.labels)


def _rule(name: str, kpi: Kpi, alert: Alert, expression: str, texts: dict[str, str]) -> dict[str, Any]:
    rule: dict[str, Any] = {"alert": name, "expr": expression}
    if alert.for_:
        rule["for"] = _duration(alert.for_)
    labels = {"severity": alert.severity, "department": kpi.department, "kpi": kpi.kpi}
    places = {"runbook_url": f"/runbooks/{name}", "dashboard_url": f"/?kpi={kpi.kpi}"}
    return rule | {"labels": labels, "annotations": texts | places}


def _duration(milliseconds: int) -> str:
    lengths = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
    unit = next(name for name, length in lengths.items() if not milliseconds % length)
    return f"{milliseconds // lengths[unit]}{unit}"
