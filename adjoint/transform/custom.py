"""What a function with a rule of its own contributes: the statements of that rule."""

from __future__ import annotations

import numpy as np

from adjoint.analyses.activity import Activity
from adjoint.ir.builder import Builder
from adjoint.ir.custom import Rule, Taken
from adjoint.ir.nodes import Const, Let, Operand, Pack, Var
from adjoint.ir.operands import strip, type_of
from adjoint.ir.ops import Form, call
from adjoint.ir.templates import Template
from adjoint.ir.values import Array, Scalar
from adjoint.ir.walk import all_statements
from adjoint.transform.accumulate import Adjoints, cast, complete, fit, zero
from adjoint.transform.tangents import Tangents

__all__ = ["pull_back_rule", "pull_back_taken", "push_rule", "push_taken"]


def pull_back_taken(
    builder: Builder, adjoints: Adjoints, active: Activity, let: Let, g: Operand
) -> None:
    """Hand the cotangent of a result to the rule that is reached next."""
    function, (_, rule) = let.op.function, let.args
    assert isinstance(function, Taken)
    assert isinstance(rule, Var)
    adjoints.parts.setdefault(rule, {})[function.position] = g


def pull_back_rule(builder: Builder, adjoints: Adjoints, active: Activity, let: Let) -> None:
    """Write the rule for the cotangents of the results, and add the gradients that it gives."""
    rule, target = let.op.function, let.target
    assert isinstance(rule, Rule)
    assert target is not None
    held = adjoints.parts.pop(target, None)
    if held is None:
        return
    now = rule.table(let)
    cotangents = [_cotangent(builder, held.get(k), now[out]) for k, out in enumerate(rule.outs)]
    template = rule.backward()
    cotangents = [
        _as_array(builder, template, given, g)
        for given, g in zip(template.given, cotangents, strict=True)
    ]
    gradients = template.write(builder, cotangents, now)
    for variable, gradient in zip(rule.inputs, gradients, strict=True):
        of = now[variable]
        if isinstance(of, Var) and of in active:
            adjoints.add(of, fit(builder, gradient, of, None))


def _cotangent(builder: Builder, g: Operand | None, out: Operand) -> Operand:
    """The cotangent of a result as the rule is given it: whole, and of the kind of the result."""
    if not isinstance(out, Var):
        return Const(0.0) if g is None else g
    if g is None:
        return zero(builder, out)
    whole, wanted = complete(builder, g, out), strip(out.type)
    return cast(builder, whole, wanted)


def _as_array(builder: Builder, template: Template, given: Var, value: Operand) -> Operand:
    """What a template is given, as an array if it is taken for one: ``g.T`` of a Python number."""
    if not isinstance(given.type, Array) or not isinstance(type_of(value), Scalar):
        return value
    names = {given}
    for let in all_statements(template.block):
        if isinstance(let, Let) and let.args and let.args[0] in names:
            if let.op.form in (Form.METHOD, Form.ATTRIBUTE, Form.INDEX):
                return builder.let(call(np.asarray), (value,), type_=given.type)
            if let.op.form is Form.ALIAS and let.target is not None:
                names.add(let.target)
    return value


def push_rule(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """Write the rule for the tangents of the arguments: those of the results."""
    rule = let.op.function
    assert isinstance(rule, Rule)
    now = rule.table(let)
    if not any(now[variable] in tangents for variable in rule.inputs):
        return None
    given = [tangents.whole(now[variable]) for variable in rule.inputs]
    return Pack("tuple", rule.forward().write(builder, given, now))


def push_taken(builder: Builder, tangents: Tangents, let: Let) -> Operand | None:
    """The tangent of one result."""
    function, (out, rule) = let.op.function, let.args
    assert isinstance(function, Taken)
    assert isinstance(rule, Var)
    held = tangents.values.get(rule)
    if not isinstance(held, Pack):
        return None
    found: Operand = held.items[function.position]
    return found if not isinstance(out, Var) else cast(builder, found, strip(out.type))
