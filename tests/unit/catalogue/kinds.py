"""A catalogue with every kind of state, key and aggregate."""

KINDS = """\
stream: desk.ticket
key: ticket_id
fields:
  ticket_id: string
  customer_id: string
  action: {enum: [opened, answered, moved, closed, staged, dropped]}
  team: string
  weight: {type: decimal, scale: 2}
---
stream: desk.call
fields:
  call_id: string
  customer_id: string?
  kind: {enum: [sales, help]}
  team: string
  seconds: int32
  weight: {type: decimal, scale: 3}
---
stream: stock.level
key: sku
partitions: 8
fields:
  sku: string
  site: string
  shelf: string?
  pieces: int64
  sound: boolean
---
stream: shop.order
key: order_id
corrections: 2d
fields:
  order_id: string
  customer_id: string
  pieces: int64
---
target: answer_target
values:
  - {value: 3600, from: 2020-01-01}
---
entity: ticket
title: One stream, by its own key
of: {desk.ticket: ticket_id}
forget_after: 90d
states:
  opened:
    first: action = 'opened'
    carrying: [team]
  kind:
    last: action in ('opened', 'moved')
    after: opened
    within: 4d
    carrying: [team]
  place:
    last: action = 'moved'
    by: due
    carrying: [team]
  answered:
    set: action = 'answered'
    clear: action = 'dropped'
    within: 10d
  open:
    enter: action = 'opened'
    leave: action = 'closed'
    renew: action = 'moved'
    within: 7d
    carrying: [team]
  worked:
    enter: action = 'opened'
    leave: action = 'closed'
    drop: action = 'dropped'
    within: 6d
    counting: {answers: action = 'answered'}
    followed: action = 'moved'
    carrying: [team]
  stage:
    stages:
      new: action = 'opened'
      doing: action = 'staged'
    won: action = 'closed'
    lost: action = 'dropped'
    within: 3d
    carrying: [team]
deadlines:
  due: {after: opened, target: answer_target}
contributions:
  answers:
    at: least(answered_time, due)
    value: answered_time - opened_time
    dimensions: {team: opened_team}
  openings:
    at: opened_time
    dimensions: {team: opened_team}
  places:
    at: due
    dimensions: {team: place_team}
  kinds:
    at: opened_time
    dimensions: {team: kind_team}
  backlog:
    level: open
    where: open_time > 0
    dimensions: {team: open_team}
  resolution:
    each: open
    at: open_ended
    value: open_ended - open_started
    where: open_times = 1
    dimensions: {team: open_team}
  work:
    each: worked
    at: worked_ended
    value: worked_answers
    where: worked_followed = 0
  course:
    each: stage
    at: stage_left
    value: stage_spent + 0 * stage_entered
    where: stage_forward = 1 and stage in ('new', 'doing')
    dimensions: {stage: stage, team: stage_team}
---
entity: customer
title: Two streams, by a field that is the key of neither
of: {desk.ticket: customer_id, desk.call: customer_id}
forget_after: never
states:
  known:
    first: team <> ''
  caller:
    opens: {desk.call: kind = 'sales'}
    closes: {desk.ticket: action = 'opened'}
    within: 30d
    carrying: [kind, team]
  advised:
    opens: {desk.call: kind = 'help'}
    closes: {desk.ticket: action = 'closed'}
    every: true
    within: 20d
    carrying: [team]
  signed:
    opens: {desk.call: kind = 'sales'}
    closes: {desk.ticket: action = 'answered'}
    every: true
    within: 25d
    unless: {desk.call: team = ''}
    unclosed: {desk.ticket: action = 'dropped'}
    per: {desk.ticket: ticket_id}
  booked:
    set: {desk.ticket: action = 'answered'}
    clear: {desk.ticket: action = 'dropped'}
    within: 15d
    per: {desk.ticket: ticket_id, desk.call: call_id}
    carrying: [team]
  spoken:
    first: team <> ''
    per: customer_id
contributions:
  newcomers:
    at: known_time
  calls:
    each: caller
    at: caller_opened
    value: case when caller_closed is null then 0 else 1 end
    dimensions: {team: caller_team}
  helped:
    each: caller
    at: caller_closed
    dimensions: {kind: caller_kind}
  arrivals:
    closing: caller
    at: caller_closed
    value: caller_closed - caller_opened
    dimensions: {team: caller_closing_team, kind: caller_kind}
  origins:
    closing: caller
    at: caller_opened
  bookings:
    each: booked
    at: booked_time
    where: known_time > 0
    dimensions: {team: booked_team}
  talks:
    each: spoken
    at: spoken_time
  advice:
    each: advised
    at: advised_opened
    dimensions: {team: advised_team}
  solutions:
    each: advised
    at: advised_closed
  contracts:
    each: signed
    at: signed_closed
  signatures:
    closing: signed
    at: signed_closed
---
entity: item
title: A key of two fields, the first of which is the stream's
of: {stock.level: [sku, site]}
forget_after: 365d
states:
  stocked:
    latest: pieces >= 0
    lasting: 30d
    carrying: [pieces, site]
  usable:
    while: sound
    per: shelf
    each: true
contributions:
  stock:
    level: stocked
    value: stocked_pieces
    dimensions: {site: stocked_site}
  shelves:
    level: usable
---
entity: buyer
title: Another key of a stream that may be corrected
of: {shop.order: customer_id}
forget_after: never
states:
  bought:
    first: pieces > 0
  returned:
    set: pieces < 0
    clear: pieces = 0
    within: 5d
contributions:
  first_orders: {at: bought_time}
  returns: {at: returned_time}
---
kpi: calls
title: Calls
sentence: What happens in calls.
department: desk
unit: calls
direction: up
kind: leading
owner: desk lead
measures:
  spread: {from: desk.call, aggregate: variance, value: seconds}
  longest: {from: desk.call, aggregate: max, value: seconds}
  opening: {from: desk.call, aggregate: first, value: seconds}
  ending: {from: desk.call, aggregate: last, value: seconds}
  again: {from: desk.call, aggregate: repeaters, value: customer_id}
  kept: {from: desk.call, aggregate: overlap, value: customer_id}
  newest: {from: desk.call, aggregate: latest, key: customer_id, value: seconds}
  before: {from: desk.call, aggregate: count, window: previous}
formula: kept / nullif(again, 0)
also: {spread: spread, longest: longest, span: ending - opening, newest: newest, before: before}
dimensions: [team]
windows: {calendar: [day]}
---
kpi: stock
title: Stock
sentence: How much there is.
department: desk
unit: pieces
direction: none
kind: leading
owner: desk lead
measures:
  now: {from: item.stock, aggregate: level}
  over: {from: item.stock, aggregate: integral}
  usable: {from: item.shelves, aggregate: integral}
formula: over / nullif(usable, 0)
also: {now: now}
windows: {calendar: [day]}
---
kpi: orders
title: Orders
sentence: What was ordered.
department: desk
unit: pieces
direction: up
kind: lagging
owner: desk lead
measures:
  pieces: {from: shop.order, aggregate: sum, value: pieces}
formula: pieces
windows: {calendar: [day]}
reach: 2d
"""
