"""What holds for every rule."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from adjoint.rules import Kind, Rule, lookup, registered
from adjoint.stage.arrays.array_methods import METHODS
from adjoint.stage.arrays.writers import WRITERS, WRITING_METHODS
from adjoint.stage.calls.natives import NATIVES


def by_name(rule: Rule) -> str:
    return str(getattr(rule.function, "__name__", type(rule.function).__name__))


def _takes(parameters: Mapping[str, inspect.Parameter], name: str) -> bool:
    """Whether an argument is named, or among others that are not."""
    return name in parameters or any(p.kind is p.VAR_POSITIONAL for p in parameters.values())


@pytest.mark.parametrize("rule", registered(), ids=by_name)
def test_each_vjp_takes_the_argument_it_is_named_for(rule: Rule) -> None:
    assert set(rule.without_ans) <= set(rule.vjps)
    for forms in (rule.vjps, rule.without_ans):
        for name, form in forms.items():
            parameters = inspect.signature(form).parameters
            assert list(parameters)[:2] == ["g", "ans"]
            assert _takes(parameters, name)


@pytest.mark.parametrize("rule", registered(), ids=by_name)
def test_a_rule_has_a_derivative_or_says_why_not(rule: Rule) -> None:
    assert bool(rule.vjps) == (rule.kind not in (Kind.ZERO, Kind.STAGED, Kind.REFUSED))
    assert rule.reason or rule.kind is not Kind.REFUSED
    assert not rule.reason or rule.kind in (Kind.REFUSED, Kind.ZERO)


@pytest.mark.parametrize("rule", registered(), ids=by_name)
def test_each_jvp_takes_the_argument_it_is_named_for(rule: Rule) -> None:
    assert set(rule.jvps) <= set(rule.vjps)
    for name, form in rule.jvps.items():
        parameters = inspect.signature(form).parameters
        assert list(parameters)[:2] == ["t", "ans"]
        assert _takes(parameters, name)


def public(module: ModuleType) -> list[str]:
    """The names of the functions of a module that users may call."""
    names = getattr(module, "__all__", None) or dir(module)
    held = {name: getattr(module, name, None) for name in names if not name.startswith("_")}
    return sorted(
        name
        for name, value in held.items()
        if callable(value) and not isinstance(value, (type, ModuleType))
    )


@pytest.mark.parametrize("module", [np, np.linalg, np.fft], ids=lambda module: module.__name__)
def test_every_function_is_in_a_table(module: ModuleType) -> None:
    # One that is in two cannot be declared.
    missing = [name for name in public(module) if lookup(getattr(module, name)) is None]
    assert not missing, f"{module.__name__}: no rule, no derivative of zero, and not refused"


def test_every_method_of_arrays_is_in_a_table() -> None:
    methods = [n for n in dir(np.ndarray) if n[0] != "_" and callable(getattr(np.ndarray, n))]
    assert len(methods) > 50
    for name in methods:
        function = METHODS.get(name, getattr(np.ndarray, name))
        assert lookup(function) is not None, name


def test_every_method_of_ufuncs_is_in_a_table() -> None:
    ufuncs = {value for value in vars(np).values() if isinstance(value, np.ufunc)}
    simple = [u for u in ufuncs if u.signature is None and u.nout == 1]
    for ufunc in simple:
        assert lookup(ufunc.at) is not None
        for name in ("reduce", "accumulate", "reduceat", "outer") if ufunc.nin == 2 else ():
            assert lookup(getattr(ufunc, name)) is not None, f"{ufunc.__name__}.{name}"


def test_what_is_said_to_be_staged_is_known_to_the_interpreter() -> None:
    for rule in registered():
        held: Any = rule.function
        if rule.kind is not Kind.STAGED or isinstance(getattr(held, "__self__", None), np.ufunc):
            continue
        if rule.instead is not None:
            continue
        method = WRITING_METHODS.get(getattr(held, "__name__", ""))
        assert held in NATIVES or held in WRITERS or method is not None, held
