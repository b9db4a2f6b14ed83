"""Small catalogues for the tests of values."""

CLICKS = """
stream: web.click
partitions: {partitions}
clock: replay
disorder: 30s
lateness: 5m
fields: {{campaign: "string?"}}
---
kpi: clicks
title: Clicks
sentence: How many times people clicked.
department: marketing
unit: clicks
direction: up
kind: leading
owner: head of marketing
measures: {{clicks: {{from: web.click, aggregate: count}}}}
formula: clicks
dimensions: [campaign]
windows: {{rolling: [5m], tumbling: [1h], calendar: [day]}}
---
reporting: default
zones: [{zone}]
"""

RATES = """
stream: web.impression
partitions: 1
clock: replay
disorder: 0s
lateness: 0s
fields: {campaign: string, count: int32}
---
stream: web.click
partitions: 1
clock: replay
disorder: 0s
lateness: 0s
fields: {campaign: string}
---
kpi: click_through_rate
title: Click-through rate
sentence: Of all the times that something was shown, the share in which somebody clicked.
department: marketing
unit: ratio
direction: up
kind: leading
owner: head of marketing
measures:
  clicks: {from: web.click, aggregate: count}
  impressions: {from: web.impression, aggregate: sum, value: count}
formula: clicks / nullif(impressions, 0)
dimensions: [campaign]
windows: {rolling: [5m], calendar: [day]}
"""

RATIO_OF_TOTALS = """---
kpi: clicks
title: Clicks
sentence: How many times people clicked.
department: marketing
unit: clicks
direction: up
kind: leading
owner: head of marketing
measures: {clicks: {from: web.click, aggregate: count}}
formula: clicks
dimensions: [campaign]
windows: {calendar: [day]}
---
kpi: times_shown
title: Times shown
sentence: How many times something was shown.
department: marketing
unit: times
direction: up
kind: leading
owner: head of marketing
measures: {shown: {from: web.impression, aggregate: sum, value: count}}
formula: shown
dimensions: [campaign]
windows: {calendar: [day]}
---
kpi: clicks_a_time
title: Clicks a time
sentence: How many clicks there were each time that something was shown.
department: marketing
unit: ratio
direction: up
kind: leading
owner: head of marketing
uses: [clicks, times_shown]
formula: clicks / nullif(times_shown, 0)
dimensions: [campaign]
windows: {calendar: [day]}
"""

DEALS = """
stream: sales.deal
key: deal_id
partitions: 1
clock: replay
disorder: 0s
lateness: 2d
fields:
  deal_id: string
  action: {enum: [won, lost, reverted]}
  amount_minor: int64
  currency: string
---
entity: deal
of: {sales.deal: deal_id}
forget_after: 365d
states:
  won: {set: action = 'won', clear: action = 'reverted', within: 90d, carrying: [amount_minor, currency]}
contributions:
  won: {at: won_time, value: won_amount_minor, currency: won_currency}
---
kpi: deals_won
title: Deals won
sentence: How many deals customers said yes to.
department: sales
unit: deals
direction: up
kind: lagging
owner: head of sales
measures: {won: {from: deal.won, aggregate: count}}
formula: won
windows: {rolling: [24h], calendar: [day]}
reach: 90d
---
kpi: bookings
title: Bookings
sentence: How much money the deals that were won are worth.
department: sales
unit: money
direction: up
kind: lagging
owner: head of sales
measures: {won_amount: {from: deal.won, aggregate: sum}}
formula: won_amount
windows: {rolling: [24h], calendar: [day]}
reach: 90d
---
kpi: average_deal_size
title: Average deal size
sentence: How much money a deal is worth on average.
department: sales
unit: money
direction: up
kind: lagging
owner: head of sales
uses: [bookings, deals_won]
formula: bookings / nullif(deals_won, 0)
windows: {rolling: [24h], calendar: [day]}
reach: 90d
"""

SCORES = """
stream: survey.response
partitions: 2
clock: replay
disorder: 0s
lateness: 0s
fields: {respondent: string, action: {enum: [sent, answered]}, score: "int16?"}
---
kpi: nps
title: Net promoter score
sentence: How many more people would recommend us than warn of us, of a hundred.
department: service
unit: points
direction: up
kind: lagging
owner: head of service
measures:
  promoters: {from: survey.response, aggregate: count, where: action = 'answered' and score >= 9}
  detractors: {from: survey.response, aggregate: count, where: action = 'answered' and score <= 6}
  answers: {from: survey.response, aggregate: count, where: action = 'answered'}
  highest: {from: survey.response, aggregate: max, value: score, where: action = 'answered'}
  mean_score: {from: survey.response, aggregate: mean, value: score, where: action = 'answered'}
  people: {from: survey.response, aggregate: distinct, value: respondent, where: action = 'answered'}
formula: 100 * (promoters - detractors) / nullif(answers, 0)
also: {highest: highest, mean_score: mean_score, people: people}
windows: {calendar: [day]}
minimum_volume: 5
targets: [{value: 30, from: 2026-01-01}]
"""

TICKETS = """
stream: support.ticket
key: ticket_id
partitions: 1
clock: replay
disorder: 0s
lateness: 1h
fields: {ticket_id: string, action: {enum: [opened, replied, resolved, reopened]}, team: string}
---
target: response_target
values: [{value: 3600, from: 2000-01-01}]
---
entity: ticket
of: {support.ticket: ticket_id}
forget_after: 90d
states:
  opened: {first: action = 'opened', carrying: [team]}
  replied: {first: action = 'replied', after: opened}
  open: {enter: "action in ('opened', 'reopened')", leave: action = 'resolved', carrying: [team]}
deadlines: {deadline: {after: opened, target: response_target}}
contributions:
  response: {at: replied_time, value: replied_time - opened_time, dimensions: {team: opened_team}}
  within_target:
    at: case when replied_time <= deadline then replied_time else deadline end
    value: case when replied_time <= deadline then 1 else 0 end
    dimensions: {team: opened_team}
  backlog: {level: open, dimensions: {team: open_team}}
---
kpi: ticket_backlog
title: Ticket backlog
sentence: How many tickets wait to be resolved.
department: service
unit: tickets
direction: down
kind: leading
owner: support lead
measures: {open_tickets: {from: ticket.backlog, aggregate: level}}
formula: open_tickets
dimensions: [team]
windows: {rolling: [5m], calendar: [day]}
---
kpi: average_response_time
title: Average first response time
sentence: How long customers wait for the first answer.
department: service
unit: seconds
direction: down
kind: leading
owner: support lead
measures:
  response: {from: ticket.response, aggregate: mean, scale: 3}
  middle: {from: ticket.response, aggregate: quantile, quantile: 0.5, scale: 3}
formula: response
also: {median: middle}
dimensions: [team]
windows: {rolling: [5m], calendar: [day]}
---
kpi: response_within_target
title: Responses within target
sentence: Of the tickets due, the share that was answered in time.
department: service
unit: ratio
direction: up
kind: leading
owner: support lead
measures:
  due: {from: ticket.within_target, aggregate: count}
  in_time: {from: ticket.within_target, aggregate: sum}
formula: in_time / nullif(due, 0)
dimensions: [team]
windows: {rolling: [5m], calendar: [day]}
"""

SHOP = """
stream: shop.sale
partitions: 1
clock: replay
disorder: 0s
lateness: 1h
fields: {customer: string, store: string}
---
reporting: default
zones: [Europe/Berlin]
"""
