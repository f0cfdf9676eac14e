"""A module written to disk and imported, as a user's is: without pytest's import hook."""

import importlib.util
import itertools
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

NUMBERS = itertools.count()


@pytest.fixture
def write_module(tmp_path: Path) -> Callable[[str], ModuleType]:
    def write(text: str) -> ModuleType:
        path = tmp_path / f"written_{next(NUMBERS)}.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return write
