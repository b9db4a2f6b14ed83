"""Reading files: what is no YAML, what is declared twice, and finding everything in one run."""

from pathlib import Path

import pytest

from services.runtime.catalogue import CatalogueErrors, Mistake, load
from services.runtime.catalogue.shipped import PACKS
from tests.unit.catalogue.cases import WHOLE, Found, line_of

HEADS = "a declaration begins with calendar:, entity:, kpi:, lookup:, objective:, reporting:, stream: or target:"
STREAM = "stream: {name}\nfields:\n  what: string\n"
KPI = """\
kpi: {name}
title: Things
sentence: How many things there are.
department: shop
unit: things
direction: up
kind: leading
owner: shopkeeper
{body}
windows: {{calendar: [day]}}
"""


def stated(mistakes: tuple[Mistake, ...]) -> list[tuple[int, str, str | None]]:
    return [(mistake.line, mistake.message, mistake.suggestion) for mistake in mistakes]


def refused(*folders: Path, packs: tuple[str, ...] | None = None, default: bool = True) -> tuple[Mistake, ...]:
    with pytest.raises(CatalogueErrors) as raised:
        load(folders, packs=packs, default=default)
    return raised.value.mistakes


def test_a_mistake_prints_as_place_words_and_suggestion() -> None:
    assert str(Mistake("a/b.yaml", 7, "unknown key 'kye'", "key")) == (
        "a/b.yaml:7: unknown key 'kye'; did you mean 'key'?"
    )
    assert str(Mistake("a/b.yaml", 7, "'key' is missing")) == "a/b.yaml:7: 'key' is missing"
    assert str(Mistake("a/b", 0, "there is no such folder")) == "a/b: there is no such folder"


def test_the_whole_example_has_no_mistake(found: Found) -> None:
    assert found(WHOLE) == ()


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("stream: a.b\nfields: {x: string\n", 3, "not YAML: expected ',' or '}', but got '<stream end>'"),
        ("stream: a.b\n\tfields:\n", 2, "not YAML: found character '\\t' that cannot start any token"),
        ("stream: a.b\ntitle: one: two\n", 2, "not YAML: mapping values are not allowed here"),
        ("stream: a.b\nfields: *other\n", 2, "not YAML: found undefined alias 'other'"),
        ("stream: !mine a.b\n", 1, "not YAML: could not determine a constructor for the tag '!mine'"),
        ("stream: a.b\nfields:\n  ? [x]\n  : string\n", 3, "not YAML: found unhashable key"),
        ("stream: a.b\ntitle: \x07\n", 2, "not YAML: the character U+0007"),
        ("- stream: a.b\n", 1, HEADS),
        ("# no\n---\n# but\n--- 5\n", 4, HEADS),
        ("stream: [a]\n", 1, "stream: gives the name of what is declared, so it is text, not ['a']"),
        ("stream: a.b\nfields: {}\nfields: {}\n", 3, "'fields' stands here twice, first in line 6"),
    ],
)  # fmt: skip
def test_what_is_no_declaration(found: Found, text: str, line: int, message: str) -> None:
    above = STREAM.format(name="shop.order") + "---\n"

    assert stated(found(above + text)) == [(line + 4, message, None)]


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("stream: a.b\ntitle: Café\n".encode("latin-1"))

    assert stated(refused(tmp_path, default=False)) == [(2, "not UTF-8 text", None)]


def test_empty_documents_and_byte_order_marks_are_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "bom.yaml").write_text("\ufeff---\n---\n# words\n---\n" + STREAM.format(name="a.b") + "---\n")

    assert set(load([tmp_path], default=False).streams) == {"a.b"}


def test_words_that_other_yaml_takes_for_booleans_and_numbers_stay_text(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(
        "stream: a.b\nfields:\n  state: {enum: [on, off, yes, no, 12:30, 1_000, 2020-01-01]}\n"
    )

    values = load([tmp_path], default=False).streams["a.b"].fields["state"].enum

    assert values == ("on", "off", "yes", "no", "12:30", "1_000", "2020-01-01")


def test_anchors_and_merges_work_and_overrides_are_not_repetitions(tmp_path: Path) -> None:
    (tmp_path / "merged.yaml").write_text(
        "stream: a.b\nfields:\n  x: &shape {type: int32, min: 0, max: 5}\n  y: {<<: *shape, max: 9}\n"
    )

    fields = load([tmp_path], default=False).streams["a.b"].fields

    assert (fields["y"].min, fields["y"].max) == (0, 9)


def test_a_thing_declared_twice_names_both_files_and_lines(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    for folder, before in ((first, ""), (second, "# mine\n")):
        folder.mkdir()
        (folder / "orders.yml").write_text(before + STREAM.format(name="shop.order"))

    (mistake,) = refused(first, second, default=False)

    assert str(mistake) == (
        f"{second / 'orders.yml'}:2: stream 'shop.order' is declared twice, first in {first / 'orders.yml'}:1"
    )


def test_a_shipped_thing_declared_again_names_the_shipped_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(STREAM.format(name="sales.deal"))

    (mistake,) = refused(tmp_path)

    assert mistake.line == 1
    assert mistake.message.startswith("stream 'sales.deal' is declared twice, first in ")
    assert "catalogue/streams/sales.yaml:" in mistake.message


def test_one_s_own_goes_before_a_shipped_thing_that_nothing_shipped_needs(tmp_path: Path) -> None:
    body = "measures: {x: {from: support.contact, aggregate: count}}\nformula: x"
    (tmp_path / "mine.yaml").write_text(
        STREAM.format(name="support.contact") + "---\n" + KPI.format(name="x", body=body)
    )

    catalogue = load([tmp_path], packs=["operations"])

    assert set(catalogue.streams["support.contact"].fields) == {"what"}


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    mistakes = refused(tmp_path / "none", tmp_path / "empty", default=False)

    assert [str(mistake) for mistake in mistakes] == [
        f"{tmp_path / 'empty'}: no declarations in this folder: they stand in files *.yaml",
        f"{tmp_path / 'none'}: there is no such folder",
    ]


def test_an_unknown_pack() -> None:
    (mistake,) = refused(packs=("salse",))

    known = f"{', '.join(sorted(PACKS)[:-1])} and {max(PACKS)}"
    assert str(mistake) == f"packs: unknown pack 'salse'; known are {known}; did you mean 'sales'?"


def test_mistakes_in_keys_do_not_hide_those_in_expressions(found: Found) -> None:
    text = (
        WHOLE.replace("gift: boolean", "gift: bool", 1)
        .replace("first: action = 'placed'", "first: acton = 'placed'", 1)
        .replace("forget_after: 90d", "forget_after: long", 1)
        .replace("title: Visits", "titel: Visits", 1)
        .replace("value: visitor_id}", "value: visitor}", 1)
        .replace("formula: paid", "formula: payed", 1)
        .replace("windows: {rolling: [5m]", "windows: {rolling: [5x]", 1)
        .replace("owner: shopkeeper\nuses", "uses", 1)
        .replace("formula: revenue / nullif(visits, 0)", "formula: revenue / visits", 1)
    )

    assert [(message.split(";")[0], hint) for _, message, hint in stated(found(text))] == [
        ("type: 'bool' is not one of string, int16, int32, int64, boolean, decimal, date, enum, map", "boolean"),
        ("forget_after: 'long' is not a duration: write a whole number and one of ms, s, m, h, d, such as 30s", None),
        ("unknown field of shop.order 'acton'", "action"),
        ("unknown measure of revenue 'payed'", "paid"),
        ("'5x' is not a window: write a whole number and one of m, h, d, such as 5m, 1h or 24h", None),
        ("unknown key 'titel'", "title"),
        ("unknown field of shop.visit 'visitor'", "visitor_id"),
        ("'owner' is missing", None),
        ("divides by what may be 0: write x / nullif(y, 0)", None),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stream: shop.order\n", "stream: shop.order\nfields: {\n"),
        ("entity: order\n", "entity: order\nof: [\n"),
        ("target: payment_target\n", "target: payment_target\nvalues: {\n"),
        ("kpi: revenue\n", "kpi: revenue\ntitle: a: b\n"),
        ("kpi: revenue\n", "kpy: revenue\n"),
        ("of: {shop.order: order_id}\n", ""),
        ("values:\n", "valeus:\n"),
    ],
)
def test_what_names_a_broken_declaration_is_not_blamed(found: Found, old: str, new: str) -> None:
    assert old in WHOLE

    mistakes = found(WHOLE.replace(old, new, 1))

    assert len(mistakes) == 1


def test_two_entities_of_one_stream(found: Found) -> None:
    other = "---\nentity: again\nof: {shop.order: order_id}\nforget_after: 1d\n"
    other += "states: {seen: {first: gift}}\ncontributions: {seen: {at: seen_time}}\n"

    ((line, message, _),) = stated(found(WHOLE + other))

    assert line == line_of(WHOLE + other, "of: {shop.order: order_id}\nforget_after: 1d")
    assert message.startswith("stream shop.order is read by the entity 'order' (")


def test_two_states_that_offer_one_name(found: Found) -> None:
    text = WHOLE.replace("  gift: boolean\n", "  gift: boolean\n  minor: int64\n", 1).replace(
        "deadlines:\n", "  paid_amount:\n    first: gift\n    carrying: [minor]\ndeadlines:\n", 1
    )

    assert stated(found(text)) == [
        (
            line_of(text, "  paid_amount:"),
            "'paid_amount_minor' is offered by the states 'paid' and 'paid_amount'; rename one of them",
            None,
        )
    ]


def test_a_contribution_with_the_name_of_a_stream(found: Found) -> None:
    text = WHOLE + "---\nstream: order.in_time\nfields: {}\n"

    assert stated(found(text)) == [
        (line_of(text, "  in_time:"), "order.in_time is the name of a stream, too; rename the contribution", None)
    ]


def test_a_circle_of_kpis_is_told_once(found: Found) -> None:
    text = "---\n".join(
        KPI.format(name=name, body=f"uses: [{uses}]\nformula: {uses}")
        for name, uses in (("a", "b"), ("b", "c"), ("c", "a"))
    )

    assert stated(found(text)) == [(9, "uses goes in a circle: a → b → c → a", None)]


def test_a_kpi_that_uses_itself(found: Found) -> None:
    assert stated(found(KPI.format(name="a", body="uses: [a]\nformula: a"))) == [
        (9, "uses goes in a circle: a → a", None)
    ]


def test_a_used_kpi_of_another_pack_comes_with_all_that_it_needs(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        KPI.format(name="mine", body="uses: [average_deal_size]\nfeeds: website_traffic\nformula: average_deal_size")
    )

    catalogue = load([tmp_path], packs=["service"])

    service = set(load([], packs=["service"]).kpis)
    assert set(catalogue.kpis) - service == {"mine", "average_deal_size", "bookings", "deals_won"}
    assert ("sales.deal" in catalogue.streams, "deal" in catalogue.entities) == (True, True)
    assert "sales.call" not in catalogue.streams
    assert stated(refused(tmp_path, default=False)) == [(9, "unknown KPI 'average_deal_size'; known are mine", None)]


def test_the_user_s_own_kpi_goes_before_a_shipped_one_of_a_pack_that_is_not_loaded(tmp_path: Path) -> None:
    own = KPI.format(name="bookings", body="measures: {n: {from: a.b, aggregate: count}}\nformula: n")
    using = KPI.format(name="mine", body="uses: [bookings]\nformula: bookings")
    (tmp_path / "mine.yaml").write_text(f"stream: a.b\nfields: {{x: string}}\n---\n{own}---\n{using}")

    assert load([tmp_path], packs=["service"]).kpis["bookings"].title == "Things"


def test_dimensions_and_labels_that_the_service_uses_itself(found: Found) -> None:
    body = "measures: {x: {from: a.b, aggregate: count}}\nformula: x\ndimensions: [start, status]\n"
    text = "stream: a.b\nfields: {start: string, status: string}\n---\n"
    text += KPI.format(name="x", body=body + "alert: {labels: [status]}")

    assert stated(found(text)) == [
        (14, "the service keeps something of its own as 'start'; name the dimension otherwise", None),
        (15, "every alert has a label 'status' of its own", None),
    ]


@pytest.mark.parametrize("wrong", ["store: {enum: []}", "id: string", "Pieces: int64"])
def test_a_wrong_key_is_found_beside_a_wrong_field(found: Found, wrong: str) -> None:
    stream = f"stream: shop.sale\nkey: ordr_id\nfields:\n  order_id: string\n  {wrong}\n"

    mistakes = found(stream)

    assert [mistake.line for mistake in mistakes] == [2, 5]
    assert (mistakes[0].message, mistakes[0].suggestion) == ("key: 'ordr_id' is not one of its fields", "order_id")


def test_a_key_whose_field_is_wrong_is_itself_right(found: Found) -> None:
    (mistake,) = found("stream: shop.sale\nkey: order_id\nfields:\n  order_id: text\n  pieces: int64\n")

    assert mistake.line == 4
