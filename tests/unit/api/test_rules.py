"""The generated Prometheus rules, checked and run by Prometheus' own tool."""

import subprocess
from pathlib import Path

import pytest
import yaml

from services.api.rules import rules, write_rules
from services.runtime.catalogue import load
from tests.parts import program
from tests.pipeline import catalogue_of

DECLARED = """
stream: shop.sale
fields: {kind: string}
---
kpi: sales
title: Sales
sentence: How many sales there were.
department: sales
unit: sales
direction: up
kind: lagging
owner: shop keeper
measures: {sales: {from: shop.sale, aggregate: count}}
formula: sales
dimensions: [kind]
windows: {rolling: [5m], calendar: [day]}
targets: [{value: 100, from: 2026-01-01}]
alert: {when: [over_target, trend], for: 2m, window: day, severity: critical}
---
kpi: load
title: Load
sentence: How many sales there were, of which neither few nor many are good.
department: sales
unit: sales
direction: none
kind: leading
owner: shop keeper
measures: {sales: {from: shop.sale, aggregate: count}}
formula: sales
dimensions: [kind]
windows: {rolling: [5m]}
targets: [{min: 10, max: 20, from: 2026-01-01}]
alert: {labels: [kind], when: [over_target, trend], for: 90s}
"""


def promtool(*arguments: str, folder: Path) -> None:
    executable = program("promtool", "the generated rules")
    done = subprocess.run([executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_of_the_shipped_catalogue_are_sound(tmp_path: Path) -> None:
    (file,) = write_rules(load([]), tmp_path / "new")
    promtool("check", "rules", str(file), folder=tmp_path)
    for group in yaml.safe_load(file.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["alert"] in {"KpiOverTarget", "KpiWorsening", "KpiBooksUnbalanced"}
            assert "without (instance" in rule["expr"]
            assert "severity" in rule["labels"]
            assert {"summary", "description", "runbook_url"} <= rule["annotations"].keys()
            if rule["alert"] != "KpiBooksUnbalanced":
                assert "kpi" in rule["labels"]
                assert "dashboard_url" in rule["annotations"]


def test_each_kind_of_target_has_its_comparison(tmp_path: Path) -> None:
    targets, trends, _ = rules(catalogue_of(tmp_path, DECLARED))["groups"]
    assert [(rule["labels"]["kpi"], rule["for"]) for rule in targets["rules"]] == [("sales", "2m"), ("load", "90s")]
    assert [rule["labels"] for rule in trends["rules"]] == [
        {"severity": "critical", "department": "sales", "kpi": "sales"}
    ], "without a direction nothing gets worse"


def series(text: str, values: str) -> dict[str, str]:
    return {"series": text, "values": values}


CASES = [
    # Below target, and judged so; then only too early to judge; then on the right side.
    ("KpiOverTarget", {"kpi": "sales", "window": "day"}, [
        series('kpi_value{kpi="sales",window="day",instance="a"}', "90x10 90x10 120x10"),
        series('kpi_value{kpi="sales",window="day",instance="b"}', "90x10 90x10 120x10"),
        series('kpi_target{kpi="sales",window="day",instance="a"}', "100x32"),
        series('kpi_status{kpi="sales",window="day",status="at_risk",instance="a"}', "1x10 0x10 0x10"),
    ], [("8m", True), ("20m", False), ("30m", False)]),
    # Three windows in a row, each below the one before; a tie is not worse.
    ("KpiWorsening", {"kpi": "sales", "window": "day"}, [
        series('kpi_window_value{kpi="sales",window="day",periods_ago="1",instance="a"}', "1x10 2x10"),
        series('kpi_window_value{kpi="sales",window="day",periods_ago="2",instance="a"}', "2x10 2x10"),
        series('kpi_window_value{kpi="sales",window="day",periods_ago="3",instance="a"}', "3x10 3x10"),
    ], [("8m", True), ("20m", False)]),
    # Above the range, of a member; the whole is another series.
    ("KpiOverTarget", {"kpi": "load", "window": "5m", "kind": "book"}, [
        series('kpi_value{kpi="load",window="5m",kind="book",instance="a"}', "25x10 15x10"),
        series('kpi_target_lower{kpi="load",window="5m",kind="book",instance="a"}', "10x21"),
        series('kpi_target_upper{kpi="load",window="5m",kind="book",instance="a"}', "20x21"),
        series('kpi_status{kpi="load",window="5m",kind="book",status="off_track",instance="a"}', "1x21"),
    ], [("8m", True), ("20m", False)]),
    # At once, and once, however many replicas say so.
    ("KpiBooksUnbalanced", {"topic": "shop.sale.v1", "partition": "1"}, [
        series('kpi_books_unbalanced_records{topic="shop.sale.v1",partition="0",instance="a"}', "0x20"),
        series('kpi_books_unbalanced_records{topic="shop.sale.v1",partition="1",instance="a"}', "0x10 1x5 0x5"),
        series('kpi_books_unbalanced_records{topic="shop.sale.v1",partition="1",instance="b"}', "0x10 1x5 0x5"),
    ], [("8m", False), ("11m", True), ("20m", False)]),
]  # fmt: skip


LABELS = {
    "sales": {"severity": "critical", "department": "sales"},
    "load": {"severity": "warning", "department": "sales"},
    None: {"severity": "critical"},
}
"""What a rule adds, by its KPI."""


@pytest.mark.parametrize(("alert", "labels", "given", "moments"), CASES)
def test_alerts_fire_when_they_should(
    tmp_path: Path, alert: str, labels: dict[str, str], given: list[dict[str, str]], moments: list[tuple[str, bool]]
) -> None:
    catalogue = catalogue_of(tmp_path, DECLARED)
    (file,) = write_rules(catalogue, tmp_path)
    found = next(
        rule
        for group in rules(catalogue)["groups"]
        for rule in group["rules"]
        if (rule["alert"], rule["labels"].get("kpi")) == (alert, labels.get("kpi"))
    )
    expected = {"exp_labels": {**labels, **LABELS[labels.get("kpi")]}}
    # Only whether and for whom it fires is compared: the texts are those of the rule, with the value in them.
    plain = {**found, "annotations": {"text": "x"}}
    (tmp_path / file.name).write_text(yaml.safe_dump({"groups": [{"name": "one", "rules": [plain]}]}))
    tests = [
        {
            "interval": "1m",
            "input_series": given,
            "alert_rule_test": [
                {
                    "eval_time": at,
                    "alertname": alert,
                    "exp_alerts": [expected | {"exp_annotations": {"text": "x"}}] if fires else [],
                }
                for at, fires in moments
            ],
        }
    ]
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": [file.name], "tests": tests}))
    promtool("test", "rules", "tests.yaml", folder=tmp_path)
