"""Copies of objects, shallow and deep, what `dataclasses` makes of them, and enumerations."""

import copy
import enum
from dataclasses import asdict, astuple, dataclass, fields

import numpy as np

from tests.programs import program

V = np.array([0.4, -0.8, 1.5])


class Inner:
    def __init__(self, k):
        self.k = k


class Net:
    def __init__(self, w):
        self.w = w
        self.inner = Inner(w * 2)
        self.rows = [w, w * 3]


@program(V, peer=False)
def deep_copy_written(x):
    net = Net(x)
    other = copy.deepcopy(net)
    other.w[0] = 5.0  # also other.rows[0], which is the same array
    other.inner.k = x * x
    other.rows[0] = other.rows[0] * 2
    return np.sum(net.w) + net.inner.k @ x + net.rows[0] @ other.rows[0] + other.w @ other.inner.k


@program(V, peer=False)
def shallow_copy_written(x):
    net = Net(x)
    other = copy.copy(net)
    other.w = x * x
    other.inner.k = x**3  # seen in both
    other.rows[0] = 7 * x
    return np.sum(net.w) + net.inner.k @ x + net.rows[0] @ other.w


@program(Net(V), peer=False)
def copy_of_an_argument_trained(net):
    fast = copy.deepcopy(net)
    for _ in range(3):
        fast.w = fast.w - 0.1 * 2 * fast.w * fast.inner.k
        fast.inner.k[0] *= 2
    return fast.w @ fast.w + net.inner.k.sum() + net.w[1]


@program(Net(V), peer=False)
def shallow_copy_of_an_argument(net):
    other = copy.copy(net)
    other.inner.k = net.w**2
    return net.inner.k @ other.w


@program(V, peer=False)
def containers_copied(x):
    table = {"a": [x[0], x[1]], "b": x * 2}
    flat, deep = copy.copy(table), copy.deepcopy(table)
    flat["a"][0] = x[2] * 3
    flat["b"] = x * x
    deep["a"][1] = 7 * x[0]
    deep["b"] *= x
    return table["a"][0] * table["a"][1] + table["b"] @ flat["b"] + deep["a"][1] + deep["b"].sum()


@dataclass
class Params:
    w: np.ndarray
    b: float = 0.1


@dataclass
class Pair:
    params: Params
    rows: list


@program(V, peer=False)
def fields_as_dicts_and_tuples(x):
    pair = Pair(Params(x, x[0]), [x, 2])
    table = asdict(pair)
    params, rows = astuple(pair)
    table["rows"][0] *= 3
    names = sum(np.sum(getattr(pair.params, f.name)) * len(f.name) for f in fields(pair.params))
    return table["params"]["w"].sum() * params[1] + table["rows"][0][1] + rows[1] * x[2] + names


class Kind(enum.Enum):
    RELU = "relu"
    TANH = "tanh"

    def apply(self, z):
        return np.maximum(z, 0) if self is Kind.RELU else np.tanh(z)


class Level(enum.IntEnum):
    LOW = 2
    HIGH = 3


@program(V, peer=False)
def enumerations(x):
    z = x
    for kind in (Kind.TANH, Kind.RELU):
        z = kind.apply(z * 2)
    weights = {Kind.RELU: 2.0, Kind.TANH: 3.0}
    match kind:
        case Kind.RELU:
            scale = x[0]
        case Kind.TANH:
            scale = 1.0
    total = sum(weights[kind] * z[i] for i, kind in enumerate(Kind))
    return total * scale + len(kind.value) * x[1] + x[2] ** Level.HIGH + Level.LOW * x[0]
