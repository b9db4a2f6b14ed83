"""SQL over the rows of a measure group: those of some spans, merged as their family wants it."""

from collections.abc import Sequence
from typing import Any

from kpi.plan import CURRENCY, HELD, Column, Family, Group, Merge
from kpi.reading import OTHER, Ask, Span
from kpi.selection import Excluded, Wanted, allows_none, texts_of
from kpi.tiles import Tile
from services.api.tables import EXTRA_TYPES, base_table, column, dimension, rows_table

INSIDE = "held.grain = tile.grain AND (tile.low IS NULL OR held.start >= tile.low) AND held.start < tile.high"
HASH_BITS = 64

_MERGES = {Merge.sum: "SUM({})::HUGEINT", Merge.min: "MIN({})", Merge.max: "MAX({})"}
_ORDER = f"{{'time': {column('time')}, 'tie': {column('tie')}, 'value': {column('value')}"
_N, _S0, _S1, _CHANGE = column("n"), column("s0"), column("s1"), column("change")
# What changed before the span counts for all of it, what changed inside from its own moment on.
_INTEGRAL = f"CASE WHEN earlier THEN {_S0}::HUGEINT * (until - since) ELSE {_S0}::HUGEINT * (until - start) - {_S1} END"


def has_money(group: Group) -> bool:
    """Whether rows of this group are read apart by currency. What counts keys has no amounts."""
    return group.currency is not None and group.family is not Family.keys


def merged(ask: Ask, depths: Sequence[int], kept: Sequence[Sequence[str]]) -> tuple[str, list[Any]]:
    """The query of an `Ask`, and its parameters.

    Its columns: span, the dimensions asked for, currency where the group has money, extra, and the sums of `Row`.
    `depths`: by span, of the sample; `kept`: by dimension of `ask.folds`, the values that are not folded.
    """
    group, names = ask.group, [f"by{place}" for place in range(len(ask.by))]
    tile, parameters = tiles(ask.spans, depths)
    folds = [f"kept{place} AS (SELECT unnest(?::VARCHAR[]) AS value)" for place in range(len(kept))]
    source, wanted = _source(ask, names)
    named = [*folds, f"tile AS (SELECT * FROM {tile})", f"source AS ({source})"]
    if group.family is Family.held:
        named.append(f"held_at_end AS ({_held_at_end(ask)})")
    head = f"WITH {', '.join(named)} "
    return head + _of_family(group, ask.columns, names), [*map(list, kept), *parameters, *wanted]


def tiles(
    spans: Sequence[Span], depths: Sequence[int] = (), ends: Sequence[int] = (), reaching: Sequence[int] = ()
) -> tuple[str, list[Any]]:
    """The tiles of the spans as a relation `tile`, and its parameters.

    By span: `depths`, how many zero bits the hash of a key begins with (its column is `most`, the greatest such hash);
    `ends` and `reaching`, any moments (`finish`, `reaching`).
    """
    rows, parameters = [], []
    for place, span in enumerate(spans):
        most = 2 ** (HASH_BITS - (depths[place] if depths else 0)) - 1
        moments = [span.start, span.end, ends[place] if ends else 0, reaching[place] if reaching else 0]
        numbers = ", ".join(f"{moment}::BIGINT" for moment in moments)
        for tile, earlier in [(tile, False) for tile in span.tiles] + [(tile, True) for tile in span.before]:
            rows.append(f"({place}, {earlier}, ?, ?::BIGINT, ?::BIGINT, {most}::UBIGINT, {numbers})")
            parameters += [tile.grain, tile.start, tile.end]
    names = "span, earlier, grain, low, high, most, since, until, finish, reaching"
    return f"(VALUES {', '.join(rows)}) AS tile({names})", parameters


def dimension_of(ask: Ask, name: str) -> str:
    """A dimension's value as it is read: folded where the group is."""
    if name not in ask.folds:
        return f"held.{dimension(name)}"
    place, held = list(ask.folds).index(name), f"held.{dimension(name)}"
    return f"CASE WHEN {held} IS NULL OR {held} IN (SELECT value FROM kept{place}) THEN {held} ELSE '{OTHER}' END"


def bounds(spans: Sequence[Span]) -> str:
    """The range of all tiles, which lets the database pass over whole blocks of rows."""
    every: list[Tile] = [tile for span in spans for tile in span.all_tiles]
    high = f" AND held.start < {max(tile.end for tile in every)}"
    starts = [tile.start for tile in every if tile.start is not None]
    return high + (f" AND held.start >= {min(starts)}" if len(starts) == len(every) else "")


def values_of(ask: Ask, name: str) -> str:
    """The query of all values that a dimension has in the spans, panes that are not read included."""
    return (
        f"SELECT DISTINCT held.{dimension(name)} FROM {rows_table(ask.group.id)} AS held WHERE true{bounds(ask.spans)}"
    )


def _source(ask: Ask, names: Sequence[str]) -> tuple[str, list[Any]]:
    """The rows in the spans, a level's with its base, and the parameters."""
    group = ask.group
    chosen = ["tile.span", "tile.earlier", "tile.since", "tile.until"]
    chosen += [f"{dimension_of(ask, name)} AS {alias}" for name, alias in zip(ask.by, names, strict=True)]
    chosen += [f"held.{dimension(CURRENCY)} AS currency"] if has_money(group) else []
    chosen += [f"held.{dimension(HELD)} AS held"] if group.is_by_value else []
    columns = [f"held.{column(c.name)}" for c in group.columns]
    extra = ["held.extra"] if group.family in EXTRA_TYPES else []
    chosen_by = [_among(dimension_of(ask, name), wanted) for name, wanted in ask.where.items()]
    chosen_by += [_but(ask, ask.but)] if ask.but is not None else []
    where = "".join(f" AND {condition}" for condition, _ in chosen_by)
    where += "".join(f" AND held.{dimension(name)} IS NULL" for name in ask.without)
    sampled = " AND held.extra <= tile.most" if EXTRA_TYPES.get(group.family) == "UBIGINT" else ""
    wanted = [value for _, values in chosen_by for value in values]
    query = (
        f"SELECT {', '.join([*chosen, 'held.start', *extra, *columns])} FROM {rows_table(group.id)} AS held"
        f" JOIN tile ON {INSIDE}{bounds(ask.spans)}{sampled}{where}"
    )
    if group.family is not Family.level:
        return query, wanted
    base = (
        f"SELECT {', '.join([*chosen, '0 AS start', *columns])} FROM {base_table(group.id)} AS held"
        f" JOIN tile ON held.grain = tile.grain AND tile.low IS NULL{where}"
    )
    return f"{query} UNION ALL {base}", [*wanted, *wanted]


def _among(held: str, wanted: Wanted) -> tuple[str, list[str]]:
    """The condition that a dimension has a value that is asked for, and its parameters."""
    values = texts_of(wanted)
    listed = f"{held} IN ({', '.join('?' for _ in values)})" if values else "false"
    return (f"({listed} OR {held} IS NULL)" if allows_none(wanted) else listed), values


def _but(ask: Ask, excluded: Excluded) -> tuple[str, list[str]]:
    """The condition that the dimensions are those of none of these members, and its parameters."""
    held, parameters, conditions = [dimension_of(ask, name) for name in excluded.by], [], ["true"]
    for member in excluded.members:
        parameters += [value for value in member if value is not None]
        same = [f"{each} IS NULL" if value is None else f"{each} IS NOT DISTINCT FROM ?"
                for each, value in zip(held, member, strict=True)]  # fmt: skip
        conditions.append(f"NOT ({' AND '.join(same)})")
    return " AND ".join(conditions), parameters


def _held_at_end(ask: Ask) -> str:
    """The keys that have a level at the end of each span, in whatever dimensions: who moved on is not lost."""
    return (
        f"SELECT tile.span, held.extra FROM {rows_table(ask.group.id)} AS held JOIN tile ON {INSIDE}{bounds(ask.spans)}"
        f" AND held.extra <= tile.most GROUP BY tile.span, held.extra HAVING SUM(held.{_CHANGE}) <> 0"
    )


def _of_family(group: Group, columns: Sequence[str], names: Sequence[str]) -> str:
    money = ["currency"] if has_money(group) else []
    keys = ", ".join(["span", *names, *money])
    if group.family is Family.histogram:
        return f"SELECT {keys}, extra, SUM({_N})::HUGEINT FROM source GROUP BY ALL"
    if group.family is Family.level:
        return _of_level(group, keys)
    if group.family is Family.keys:
        counted = (
            f"SELECT {keys}, extra, SUM({_N}) FILTER (NOT earlier) AS n, SUM({_N}) FILTER (earlier) AS before"
            f" FROM source GROUP BY {keys}, extra HAVING n > 0"
        )
        sums = "COUNT(*), SUM(n)::HUGEINT, COUNT(*) FILTER (n > 1), COUNT(*) FILTER (before > 0)"
        return f"SELECT {keys}, NULL, {sums} FROM ({counted}) GROUP BY {keys}"
    if group.family is Family.held:
        before = f"SELECT {keys}, extra, SUM({_CHANGE})::HUGEINT AS n FROM source WHERE earlier GROUP BY {keys}, extra"
        lost = f"SELECT * FROM ({before}) ANTI JOIN held_at_end USING (span, extra) WHERE n <> 0"
        sums = "SUM(n)::HUGEINT, COUNT(*), COUNT(*), SUM(n::DOUBLE * n)"
        return f"SELECT {keys}, NULL, {sums} FROM ({lost}) GROUP BY {keys}"
    if group.family in (Family.first, Family.last, Family.latest):
        return _chosen(group, names, money)
    merges = {c.name: c for c in group.columns}
    sums = ", ".join(_merge(merges[name]) for name in columns)
    return f"SELECT {keys}, NULL, {sums} FROM source GROUP BY {keys}"


def _of_level(group: Group, keys: str) -> str:
    if not group.is_by_value:
        return f"SELECT {keys}, NULL, SUM({_S0})::HUGEINT, SUM({_INTEGRAL})::HUGEINT FROM source GROUP BY {keys}"
    held = f"SELECT {keys}, held::BIGINT AS held, SUM({_S0}) AS n FROM source GROUP BY {keys}, held HAVING n > 0"
    return f"SELECT {keys}, NULL, MIN(held), SUM(n)::HUGEINT FROM ({held}) GROUP BY {keys}"


def _chosen(group: Group, names: Sequence[str], money: Sequence[str]) -> str:
    """One event for all. It is in one currency, whatever the others were in."""
    keys = ", ".join(["span", *names])
    event = _ORDER + (", 'currency': currency}" if money else "}")
    pick = "MIN" if group.family is Family.first else "MAX"
    currency = ", event.currency" if money else ""
    if group.family is not Family.latest:
        picked = f"SELECT {keys}, {pick}({event}) AS event, SUM({_N})::HUGEINT AS n FROM source GROUP BY {keys}"
        return f"SELECT {keys}{currency}, NULL, event.time, event.tie, event.value, n FROM ({picked})"
    picked = f"SELECT {keys}, extra, MAX({event}) AS event, SUM({_N}) AS n FROM source GROUP BY {keys}, extra"
    sums = "SUM(event.value)::HUGEINT, COUNT(*), SUM(n)::HUGEINT, SUM(event.value::DOUBLE * event.value)"
    return f"SELECT {keys}{currency}, NULL, {sums} FROM ({picked}) GROUP BY {keys}{currency}"


def _merge(merged: Column) -> str:
    return _MERGES[merged.merge].format(column(merged.name))
