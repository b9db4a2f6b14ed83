"""Twenty different mistakes in one folder: each is told in one run, with its file, its line and how to mend it."""

import re
from pathlib import Path

from services.runtime.catalogue import CatalogueErrors, load

FOLDER = Path(__file__).parent / "twenty"
WRONG = re.compile(r"# wrong: (.*)$")


def expected() -> list[tuple[str, int, str]]:
    """(file, line, how the mistake is told) as the comments of the files say."""
    return [
        (str(file), number, match[1])
        for file in sorted(FOLDER.iterdir())
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if (match := WRONG.search(line))
    ]


def test_all_twenty_are_told() -> None:
    wanted = expected()
    assert len(wanted) == len({message for *_, message in wanted}) == 20

    try:
        load([FOLDER], default=False)
    except CatalogueErrors as errors:
        found = errors.mistakes
    assert [(one.file, one.line) for one in found] == [(file, line) for file, line, _ in wanted]
    for one, (file, line, message) in zip(found, wanted, strict=True):
        told = str(one).removeprefix(f"{file}:{line}: ")
        assert told == message or (message.endswith(" ") and told.startswith(message))
