"""Members of enumerations: what is known of them, and how they stand in the code."""

from enum import Enum, IntEnum, StrEnum

import numpy as np
import pytest

import adjoint
from adjoint import Unsupported, grad

X = np.array([0.45, 0.9, 0.7, -1.1])


class Phase(Enum):
    IDLE = 0
    RUN = 1


class Gear(IntEnum):
    LOW = 1
    HIGH = 2


class Label(StrEnum):
    LOW = "low"


def value_tells(x):
    phase, total = Phase.IDLE, 0.0
    for v in x:
        total += v**2 if phase is Phase.RUN else v
        phase = Phase.RUN if v > 0.5 else Phase.IDLE
    return total


def test_the_number_that_tells_is_the_value():
    source = grad(value_tells).specialize(X).source
    assert "phase = 1 if v > 0.5 else 0" in source
    assert "phase == 1" in source


def listed(x):
    phases = [Phase.RUN if v > 0.5 else Phase.IDLE for v in x]
    return sum(v * 2 if p is Phase.RUN else v**2 for v, p in zip(x, phases, strict=True))


def test_members_are_imported_where_they_are_listed():
    source = grad(listed).specialize(X).source
    assert f"from {__name__} import Phase" in source
    assert "is Phase.RUN" in source


def no_member(x):
    gear, total = Gear.LOW, 0.0
    for v in x:
        gear = Gear(gear + 1) if v > 0 else gear
        total += gear * v
    return total


def test_what_is_no_member_raises():
    with pytest.raises(ValueError, match="3 is not a valid Gear"):
        grad(no_member)(X)
    assert np.all(grad(no_member)(-X[:3]) == 1)


def kept_as_numbers(x):
    gears = [Gear.HIGH if v > 0.5 else Gear.LOW for v in x]
    return sum(v if g is Gear.LOW else v**2 for g, v in zip(gears, x, strict=True))


def asked_for_the_class(x):
    gears = [Gear.HIGH if v > 0.5 else Gear.LOW for v in x]
    return sum(v if isinstance(g, Gear) else v**2 for g, v in zip(gears, x, strict=True))


def compared(x):
    gears = [Gear.HIGH if v > 0.5 else Gear.LOW for v in x]
    return sum(v if g == Gear.LOW else v**2 for g, v in zip(gears, x, strict=True))


def test_members_that_are_numbers_are_numbers_in_lists():
    for function in (kept_as_numbers, asked_for_the_class):
        with pytest.raises(Unsupported, match="member of an enumeration is not kept") as caught:
            grad(function)(X)
        assert caught.value.advice == "compare it with =="
    assert np.allclose(grad(compared)(X), [1, 1.8, 1.4, 1])


def by_label(x):
    return np.sum(x) if Label.LOW == "low" else np.sum(x**2)


def test_members_that_are_texts_are_looked_at_by_the_guard():
    assert np.all(grad(by_label)(X) == 1)


def of_dict(d):
    return d[Phase.IDLE] * d[Gear.LOW, "a"]


def test_members_are_keys_of_dicts_that_came_in():
    gradient = grad(of_dict)({Phase.IDLE: 2.0, (Gear.LOW, "a"): 3.0})
    assert gradient == {Phase.IDLE: 3.0, (Gear.LOW, "a"): 2.0}


def test_members_of_an_enumeration_that_cannot_be_imported_are_no_keys():
    class Inner(Enum):
        A = 1

    def of_inner(d):
        return sum(d.values()) ** 2

    with pytest.raises(Unsupported, match="cannot be imported"):
        grad(of_inner)({Inner.A: 2.0})


def with_phase(x):
    phase = Phase.IDLE
    for v in x:
        if v > 0.5:
            phase = Phase.RUN
    return {"phase": phase, "value": np.sum(x**2)}


def test_a_member_is_returned():
    value, pullback = adjoint.vjp(with_phase, X)
    assert value["phase"] is Phase.RUN
    assert np.allclose(pullback({"phase": None, "value": 1.0})[0], 2 * X)
