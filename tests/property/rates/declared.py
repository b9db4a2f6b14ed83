"""Money of every aggregate, and rates that are said in any order."""

from tests.cases.declared import kpi

_OF = "from: shop.sale, value: amount_minor, currency: currency"
_MEASURES = {
    "total": f"{{{_OF}, aggregate: sum}}",
    "mean": f"{{{_OF}, aggregate: mean}}",
    "least": f"{{{_OF}, aggregate: min}}",
    "most": f"{{{_OF}, aggregate: max}}",
    "first": f"{{{_OF}, aggregate: first}}",
    "last": f"{{{_OF}, aggregate: last}}",
    "middle": f"{{{_OF}, aggregate: quantile, quantile: 0.5}}",
    "newest": f"{{{_OF}, aggregate: latest, key: team}}",
    "ever": f"{{{_OF}, aggregate: sum, window: ever}}",
    "before": f"{{{_OF}, aggregate: sum, window: previous}}",
    "held": "{from: account.held, aggregate: level}",
}
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York")
DECLARED = (
    f"""
stream: shop.sale
key: team
partitions: 1
clock: replay
disorder: 0s
lateness: 60d
fields: {{team: string, amount_minor: int64, currency: string}}
---
stream: fx.rate
key: currency
partitions: 1
clock: replay
lateness: 60d
fields: {{currency: string, date: date, rate: int64}}
---
entity: account
of: {{shop.sale: team}}
forget_after: never
states:
  now: {{latest: amount_minor is not null, carrying: [amount_minor, currency]}}
contributions:
  held: {{level: now, value: now_amount_minor, currency: now_currency, dimensions: {{team: now_team}}}}
---
reporting: default
currency: EUR
rates: fx.rate
zones: [{", ".join(ZONES)}]
""".replace("carrying: [amount_minor, currency]", "carrying: [amount_minor, currency, team]")
    + "".join(
        kpi(name, f"{{it: {measure}}}", "it", unit="money", more="dimensions: [team]")
        for name, measure in _MEASURES.items()
    )
    + kpi("half", "{}", "total / 2", more="uses: [total]\ndimensions: [team]", unit="money")
    + kpi("more", "{}", "coalesce(total, 0) - before", more="uses: [total, before]\ndimensions: [team]", unit="money")
)
