"""A catalogue with a measure of every aggregate, of a stream's records and of what an entity contributes."""

from kpi.plan import Group, MeasureReading
from kpi.planning import plan
from schemas.kpis import Catalogue

_EVERY_KPI = {
    "title": "a",
    "sentence": "a",
    "department": "a",
    "unit": "a",
    "direction": "up",
    "kind": "leading",
    "owner": "a",
    "windows": {"rolling": ["5m"]},
    "formula": "a",
    "dimensions": ["team"],
}
_WITH_VALUE = ("sum", "mean", "variance", "min", "max", "first", "last")
_OF_STREAM: dict[str, dict[str, object]] = {
    "count": {"aggregate": "count"},
    **{name: {"aggregate": name, "value": "amount"} for name in _WITH_VALUE},
    "quantile": {"aggregate": "quantile", "value": "amount", "quantile": 0.75},
    **{name: {"aggregate": name, "value": "person"} for name in ("distinct", "repeaters", "overlap")},
    "latest": {"aggregate": "latest", "value": "amount", "key": "person"},
    "some_count": {"aggregate": "count", "where": "amount > 0"},
    "some_mean": {"aggregate": "mean", "value": "amount", "where": "amount > 0"},
    "some_last": {"aggregate": "last", "value": "amount", "where": "amount > 0"},
}
_OF_ENTITY: dict[str, dict[str, object]] = {
    **{f"entity_{name}": {"aggregate": name} for name in ("count", "sum", "mean", "variance", "distinct", "repeaters")},
    "entity_quantile": {"aggregate": "quantile", "quantile": 0.5},
}
LEVELS = ("level", "integral", "least")

CATALOGUE = Catalogue.model_validate(
    {
        "streams": {
            "shop.visit": {
                "stream": "shop.visit",
                "key": "person",
                "fields": {"team": "string?", "amount": "int64?", "person": "string?"},
            }
        },
        "entities": {
            "visitor": {
                "entity": "visitor",
                "of": {"shop.visit": "person"},
                "forget_after": "1d",
                "states": {"here": {"enter": "true", "leave": "false"}, "seen": {"first": "true"}},
                "contributions": {"present": {"level": "here"}, "visit": {"at": "seen_time"}},
            }
        },
        "targets": {},
        "kpis": {
            "every": {
                **_EVERY_KPI,
                "kpi": "every",
                "measures": {
                    **{name: {"from": "shop.visit", **measure} for name, measure in _OF_STREAM.items()},
                    **{name: {"from": "visitor.visit", **measure} for name, measure in _OF_ENTITY.items()},
                    **{name: {"from": "visitor.present", "aggregate": name} for name in LEVELS},
                    "lost": {"from": "visitor.present", "aggregate": "lost", "key": "person"},
                },
            }
        },
    }
)
PLAN = plan(CATALOGUE)
OF_STREAM = tuple(_OF_STREAM)
OF_ENTITY = tuple(_OF_ENTITY)
GROUPS = tuple(PLAN.groups.values())


def reading(name: str) -> MeasureReading:
    """Where a measure stands."""
    return PLAN.readings["every", name]


def group(name: str) -> Group:
    """The group of a measure."""
    return PLAN.groups[reading(name).group]
