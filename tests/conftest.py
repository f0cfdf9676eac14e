"""Which tests run, and in what order."""

from __future__ import annotations

import pytest

from tests.sampling import is_taken

LONGEST = ("test_mutants_are_killed", "inserted_into_a_chain", "test_passes_keep_the_meaning")
"""Parts of the names of tests that take more than ten seconds."""


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of tests whose cases are sampled."""
    config.addinivalue_line("markers", "sampled(one_in): one case in so many runs in `make test`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not in the sample, and put the longest first, for which no worker waits."""
    kept: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        kept[_is_in_sample(item)].append(item)
    config.hook.pytest_deselected(items=kept[False])
    items[:] = sorted(kept[True], key=lambda item: not any(name in item.name for name in LONGEST))


def _is_in_sample(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("sampled")
    return mark is None or is_taken(item.name, *mark.args)
