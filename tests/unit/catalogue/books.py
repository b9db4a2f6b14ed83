"""Books of a company: a stream with contributions of every kind."""

BOOKS = """\
stream: book.entry
key: centre
fields:
  centre: string
  kind: {enum: [income, cost]}
  amount_minor: int64
  currency: string
  effective: date
  from: date?
  to: date?
  zone: string
contributions:
  posted:
    at: {day: effective, zone: Europe/Berlin}
    within: 30d
    value: amount_minor
    where: kind = 'income'
    currency: currency
    dimensions: {centre: centre, kind: kind}
  daily:
    spread: {from: from, to: to, zone: zone}
    within: 60d
    value: amount_minor
    dimensions: {centre: upper(centre)}
  shifted:
    at: time - 3600000
  entered:
    dimensions:
      hour: {hour_of_week: time, zone: Europe/Berlin}
      weekday: {day_of_week: time + 1, zone: Europe/Paris}
      clock: {hour_of_day: time}
---
kpi: income
title: Income
sentence: What came in.
department: shop
unit: money
direction: up
kind: lagging
owner: shopkeeper
measures:
  posted: {from: book.entry.posted, aggregate: sum, where: kind = 'income'}
formula: posted
dimensions: [centre]
windows: {calendar: [month]}
reach: 30d
---
kpi: entries
title: Entries
sentence: How many entries were made.
department: shop
unit: entries
direction: up
kind: lagging
owner: shopkeeper
measures:
  mondays: {from: book.entry.entered, aggregate: count, where: hour = 'mon 09'}
  highest: {from: book.entry.entered, aggregate: max}
formula: mondays
dimensions: [hour]
windows: {calendar: [month]}
targets: [{value: 3, where: {hour: tue 10}, from: 2026-01-01}]
"""
