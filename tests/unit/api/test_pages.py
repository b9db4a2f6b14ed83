"""Pages of a list give each of its names once, in order."""

import pytest

from services.api.pages import page
from services.runtime.problems import Problem


@pytest.mark.parametrize("count", range(8))
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
def test_all_pages_are_the_list(count: int, limit: int) -> None:
    names = [f"kpi_{number}" for number in range(count)]
    seen: list[str] = []
    cursor = None
    while True:
        found, cursor = page(names, limit, cursor)
        assert len(found) <= limit
        seen += found
        if cursor is None:
            break
        assert found
    assert seen == names


@pytest.mark.parametrize("cursor", ["", "!", "abc", "a" * 5, "gone", "_-8"])
def test_another_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Problem, match="cursor"):
        page(["one", "two"], 1, cursor)
