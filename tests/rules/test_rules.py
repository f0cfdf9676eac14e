"""What holds for every rule."""

from __future__ import annotations

import inspect

import pytest

from adjoint.rules import Kind, Rule, registered


def by_name(rule: Rule) -> str:
    return str(getattr(rule.function, "__name__", rule.function))


@pytest.mark.parametrize("rule", registered(), ids=by_name)
def test_each_vjp_takes_the_argument_it_is_named_for(rule: Rule) -> None:
    assert set(rule.without_ans) <= set(rule.vjps)
    for forms in (rule.vjps, rule.without_ans):
        for name, form in forms.items():
            parameters = list(inspect.signature(form).parameters)
            assert parameters[:2] == ["g", "ans"]
            assert name in parameters[2:]


@pytest.mark.parametrize("rule", registered(), ids=by_name)
def test_a_rule_has_a_derivative_or_says_why_not(rule: Rule) -> None:
    assert bool(rule.vjps) == (rule.kind not in (Kind.ZERO, Kind.REFUSED))
    assert bool(rule.reason) == (rule.kind is Kind.REFUSED)


@pytest.mark.parametrize("rule", registered(), ids=by_name)
def test_each_jvp_takes_the_argument_it_is_named_for(rule: Rule) -> None:
    assert set(rule.jvps) <= set(rule.vjps)
    for name, form in rule.jvps.items():
        parameters = inspect.signature(form).parameters
        assert list(parameters)[:2] == ["t", "ans"]
        assert name in parameters or any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
