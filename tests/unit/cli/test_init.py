"""`kpi init`: what is proposed for odd tables holds together and takes their rows; what is no table is said."""

from pathlib import Path

import pytest
import yaml

from schemas.records import RecordValidator
from schemas.streams import Stream
from services.cli.init.guesses import guessed
from services.cli.init.proposal import Proposal, name_of, proposed
from services.cli.init.sample import NoTable, read_sample
from services.ingest.importing.files import open_source
from services.ingest.importing.table import Table
from services.runtime.catalogue import load

PLAIN = "order_id,time,country,amount\n" + "".join(
    f"{number},2026-03-0{1 + number // 4}T10:0{number}:00Z,{'DE' if number % 2 else 'FR'},{number}.50\n"
    for number in range(8)
)
GERMAN = "\ufeffNr;Datum;Uhrzeit;Straße;Betrag\n" + "".join(
    f'{number};{number + 1:02}.03.2026;{number + 8:02}:15;"Am ""Markt"", {number % 2}";1.2{number}0,5{number}\n'
    for number in range(8)
)
QUOTED = 'when,text\n2026-03-01 10:00,"two\nlines, and ""more"""\n2026-03-01 11:00,one\n'
DAYS = "day|units\n" + "".join(f"{day:02}/03/2026|{day}\n" for day in range(1, 29))
AMERICAN = "Date,Total Price\n" + "".join(f"03/{day:02}/2026,{day}\n" for day in range(28, 0, -1))
ODD_NAMES = "time,id,n,select,Größe in m²,2nd,ID \n2026-03-01 10:00,1,2,3,4,5,6\n2026-03-01 11:00,2,2,3,4,5,7\n"
ONLY_TIMES = "time\n2026-03-01 10:00\n2026-03-02 10:00\n"
WIDE = f"time,{','.join(f'c{number}' for number in range(3000))}\n" + "\n".join(
    f"2026-03-0{day} 10:00,{','.join('7' * 3000)}" for day in range(1, 4)
)


def written(folder: Path, text: str, name: str = "orders.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode())
    return file


def taken(folder: Path, file: Path) -> tuple[Proposal, Stream, list[object]]:
    """The proposal, its stream as it is loaded, and each row of the file as the door judges it."""
    proposal = proposed(guessed(read_sample(file)), name_of(file.stem))
    (folder / "out").mkdir()
    (folder / "out" / "it.yaml").write_text(proposal.text)
    catalogue = load([folder / "out"], default=False)
    assert tuple(catalogue.kpis) == proposal.kpis
    assert len(proposal.kpis) == 3
    stream = catalogue.streams[proposal.stream]
    source = open_source(file, stream.table.delimiter or ",")
    table, validator = Table(stream, {}, source.columns), RecordValidator(stream)
    rows = [table.event(row.content) | {"id": str(row.number)} for row in source.read()]
    return proposal, stream, [validator.validate(row, 2**45) for row in rows]


@pytest.mark.parametrize(
    "text", [PLAIN, GERMAN, QUOTED, DAYS, AMERICAN, ODD_NAMES, ONLY_TIMES, WIDE, PLAIN.replace("\n", "\r\n")]
)
def test_what_is_proposed_takes_the_rows(tmp_path: Path, text: str) -> None:
    _, _, events = taken(tmp_path, written(tmp_path, text))
    assert events
    assert all(isinstance(event, dict) for event in events), events[0]


def test_numbers_and_dates_as_in_german(tmp_path: Path) -> None:
    _, stream, events = taken(tmp_path, written(tmp_path, GERMAN))
    assert stream.key == "nr"
    first = events[0]
    assert isinstance(first, dict)
    assert (first["betrag"], first["time"]) == (1200.50, 1772352900000)
    assert first["strase"] == 'Am "Markt", 0'


def test_the_newest_row_may_come_first(tmp_path: Path) -> None:
    _, stream, _ = taken(tmp_path, written(tmp_path, AMERICAN))
    assert stream.lateness == 54 * 86_400_000


def test_of_thousands_of_columns_some_are_taken(tmp_path: Path) -> None:
    proposal, stream, _ = taken(tmp_path, written(tmp_path, WIDE))
    assert len(stream.fields) == 40
    assert "and 2960 columns more" in proposal.text


def test_comments_say_what_was_guessed(tmp_path: Path) -> None:
    proposal, _, _ = taken(tmp_path, written(tmp_path, PLAIN))
    assert "amount: {type: decimal, scale: 2, optional: true}  # taken for the amount" in proposal.text
    assert "country: string?  # DE, FR" in proposal.text
    assert [yaml.safe_load(part).get("dimensions") for part in proposal.text.split("\n---\n")][1:] == [["country"]] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": empty; its first line has to name the columns"),
        ("\n\n", ": empty; its first line has to name the columns"),
        ("time,amount\n", ":1: there is nothing under the names of the columns"),
        ("time,,b\n2026-03-01 10:00,1,2\n", ":1: column 2 has no name"),
        ("time,a,a\n2026-03-01 10:00,1,2\n", ":1: 'a' stands here twice"),
        ("a,b\n1,x\n2,y\n", ":1: no column is a time, which every event needs, such as 2026-04-01 14:05; seen were a"),
        ("time,a\n2026-03-01 10:00,1\n,2\n", ":1: no column is a time"),
        ("time\n2026-03-01 10:00,1,2\n2026-03-01 10:00,1,2\n", ":2: 3 cells under 1 columns"),
        ('time,a\n2026-03-01 10:00,"open\n', ": not CSV"),
    ],
)
def test_what_is_no_table_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(NoTable) as refused:
        guessed(read_sample(file))
    message = str(refused.value)
    assert message.startswith(str(file))
    assert said.removeprefix(": not CSV") in message
    assert "not CSV" in message or not said.endswith("not CSV")


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"time,a\n2026-03-01 10:00,\xff\xfe\n")
    with pytest.raises(NoTable, match="not UTF-8"):
        read_sample(file)
    with pytest.raises(NoTable, match=r"reads files that end with \.csv"):
        read_sample(tmp_path / "a.xlsx")
    with pytest.raises(NoTable, match="No such file"):
        read_sample(tmp_path / "none.csv")
