"""What a test does when a part that it needs is missing here: in CI it fails, elsewhere it is skipped, loudly."""

import os
import shutil
from typing import NoReturn

import pytest

MARK = "NOT TESTED: "


def missing(untested: str, why: str) -> NoReturn:
    """Fail in CI, skip elsewhere. `untested`: what nobody has checked now; `why`: what is missing and how to get it."""
    message = f"{MARK}{untested}: {why}"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def program(name: str, untested: str) -> str:
    """The path of a program that a test runs, or `missing`."""
    found = shutil.which(name)
    if found is None:
        missing(untested, f"the program {name} is not installed; `make test` as root installs what Debian has")
    return found
