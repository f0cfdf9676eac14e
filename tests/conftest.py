"""The order of the tests: those that take longest come first, so that no worker waits for them."""

from __future__ import annotations

import pytest

LONGEST = ("test_mutants_are_killed", "inserted_into_a_chain", "test_passes_keep_the_meaning")
"""Parts of the names of tests that take more than ten seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first; the others stay in their order."""
    items.sort(key=lambda item: not any(name in item.name for name in LONGEST))
