"""`kpi check`, as the command calls it."""

from pathlib import Path

import pytest

from schemas.streams import FieldType
from services.cli.check import check

PIZZERIA = Path(__file__).parents[3] / "examples" / "pizzeria"


def test_a_good_catalogue_is_summed_up_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert check([PIZZERIA], None, default=False) == 0

    assert capsys.readouterr().out == "No mistakes: 1 stream, 0 entities, 8 KPIs.\n"


def test_every_mistake_is_printed_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "stream: shop.order\nfields: {x: [red]strng}\n---\nstream: shop.visit\nkye: x\nfields: {x: strng}\n"
    )

    assert check([tmp_path], [], default=True) == 1

    assert capsys.readouterr().out.splitlines() == [
        f"{file}:2: not YAML: expected ',' or '}}', but got '<scalar>'",
        f"{file}:5: unknown key 'kye'; did you mean 'key'?",
        f"{file}:6: type: 'strng' is not one of {', '.join(FieldType)}; did you mean 'string'?",
        "3 mistakes in 1 file",
    ]
