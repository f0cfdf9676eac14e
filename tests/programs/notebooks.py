"""What notebooks and scripts do beside computing: they print, log, warn, and give up."""

import enum
import functools
import logging
import sys
import warnings
from types import SimpleNamespace

import numpy as np

from tests.programs import program

LOGGER = logging.getLogger(__name__)
V = np.array([0.7, -1.2, 0.4, 1.9])
W = np.array([1.0, -2.0, 0.5, 3.0])


@program(V, peer=False)
def shown_by_a_template(x):
    total = 0.0
    for i, v in enumerate(x):
        total = total + (i + 1) * v**2
        print("step %2d  f=%10.4e  |x|=%g" % (i, total, abs(v)))
    message = "sum = %.3f" % total
    message += " of %d" % len(x)
    print(message, "%s" % (x,), "{:>8.3f} and {n}".format(total, n=x.size))
    return total * 0.5


@program(V, peer=False)
def shown_as_text(x):
    names = ["a", "b", "c", "d"]
    text = f"{x[0]:.2f}"
    print(text.ljust(10), str(x[1]).rjust(8), text.upper().strip() + "|", "-" * 20)
    print(",".join("%.2f" % v for v in x), " ".join(map(str, x)))
    print({name: v for name, v in zip(names, x, strict=True)})
    return np.sum(x * W) * x[0]


@program(V, peer=False)
def failed_with_a_template(x):
    assert np.isfinite(x).all(), "bad x: %s" % x
    if x[0] > 100:
        raise ValueError("too large: {:.2f}".format(x[0]))
    return np.sum(np.exp(x) * W)


@program(V, peer=False)
def logged(x):
    LOGGER.info("norm %s", np.sum(x**2))
    logging.getLogger("of the module")
    total = 0.0
    for step in range(3):
        x = x * np.cos(x + step)
        total = total + np.sum(x * W)
        LOGGER.debug("step %d: %f", step, total)
    logging.debug(f"done: {total}")
    return total


@program(V, peer=False)
def warned(x):
    log = LOGGER
    if x[0] > 100:
        warnings.warn(f"large: {x[0]}", stacklevel=2)
    log.warning("%r" % x[1]) if x[1] > 100 else log.debug("x = %r", x)
    return np.sum(x**3 * W)


@program(V, peer=False)
def written_to_standard_output(x):
    sys.stdout.write(f"norm {np.sum(x**2):.3f}\n")
    sys.stdout.write("%d elements\n" % x.size)
    sys.stdout.flush()
    return np.sum(x**2 * W)


def fixed_point(f, x, tolerance, limit):
    for n in range(limit):
        new = f(x)
        if np.abs(new - x).max() < tolerance:
            return new, n
        x = new
    print("no convergence")


@program(V, 0.3, peer=False)
def pair_or_nothing(x, rate):
    found, steps = fixed_point(lambda y: rate * np.cos(y) + 0.1 * x, x, 1e-3, 50)
    return np.sum(found * W) * steps


@program(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]))
def taken_by_ranges(x, y):
    both = np.outer(x, y)
    labels = [2, 0, 1]
    picked = both[range(len(labels)), labels]
    left = both[:, range(0, 3, 2)] @ np.array([1.0, -2.0])
    return np.sum(picked * x) + np.sum(left * y) + np.sum(both[range(2)] @ y)


@program(
    np.array([0.2, 0.1, 0.3]),
    np.array([1.5, 1.2, 1.8, 1.1]),
    np.array([1.0, -2.0, 0.5, 2.0]),
    peer=False,
)
def copies_by_map(a, b, d):
    ac, bc, dc = map(np.array, (a, b, d))
    n = len(dc)
    for i in range(1, n):
        m = ac[i - 1] / bc[i - 1]
        bc[i] = bc[i] - m * a[i - 1]
        dc[i] = dc[i] - m * dc[i - 1]
    x = bc
    x[-1] = dc[-1] / bc[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (dc[i] - a[i] * x[i + 1]) / bc[i]
    return np.sum(x * W) + b[1] * a[2]


@program(np.arange(24.0).reshape(4, 6) * 0.1 - 1.0, np.array([[1.0, -0.5], [0.3, 2.0]]), peer=False)
def windows_by_strides(image, kernel):
    rows, columns = image.shape
    down, right = image.strides
    blocks = np.lib.stride_tricks.as_strided(
        image, (rows // 2, columns // 2, 2, 2), (2 * down, 2 * right, down, right)
    )
    shape = tuple(np.subtract(image.shape, kernel.shape) + 1) + kernel.shape
    patches = np.lib.stride_tricks.as_strided(image, shape, image.strides * 2)
    filtered = np.sum(patches * kernel, axis=(2, 3))
    return np.sum(np.max(blocks, axis=(2, 3)) ** 2) + np.sum(np.sin(filtered)) * kernel[0, 1]


class Settings:
    def __init__(self, **options):
        for name, value in options.items():
            setattr(self, name, value)

    def but(self, **others):
        return Settings(**{**self.__dict__, **others})


@program(V, 0.5, peer=False)
def settings_from_settings(x, k):
    first = Settings(a=x, b=k)
    second = Settings(**vars(first))
    second.b = 3 * k
    third = first.but(a=second.a * 2)
    return np.sum(first.a * W) * second.b + np.sum(third.a**2) * third.b


LINEAR = SimpleNamespace(w=np.array([[0.3, -1.0], [0.7, 0.2]]), b=V[:2], act="tanh", n=2, off=1.0)


@program(LINEAR, V.reshape(2, 2), peer=False)
def namespace_of_parameters(p, x):
    state = SimpleNamespace(h=getattr(np, p.act)(x @ p.w + p.b), total=0.0)
    for i in range(p.n):
        state.total = state.total + np.sum(state.h[i] * W[: p.n]) * p.b[0]
    return state.total + state.h[0, 1] ** 2


@program([SimpleNamespace(x=float(i), m=1.0 + i) for i in range(3)], 0.3, peer=False)
def list_of_namespaces(bodies, g):
    energy = 0.0
    trail = []
    for i, p in enumerate(bodies):
        for q in bodies[i + 1 :]:
            energy -= g * p.m * q.m / abs(p.x - q.x)
            trail.append(SimpleNamespace(e=energy, d=p.x - q.x))
    return energy + sum(each.e * each.d for each in trail)


class Activation(enum.Enum):
    RELU = enum.auto()
    TANH = "tanh"

    def __call__(self, x):
        return np.maximum(x, 0.0) if self is Activation.RELU else np.tanh(x)

    @property
    def gain(self):
        return 2.0 if self.name == "RELU" else 3.0


@program(V, W, peer=False)
def members_of_an_enumeration(x, y):
    for each in (Activation.RELU, Activation["TANH"], Activation("tanh")):
        x = each(x * y + 0.3) * each.gain
    return np.sum(x * W)


@functools.cache
def nodes_and_weights(n):
    return np.polynomial.legendre.leggauss(n)


@functools.cache
def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


@functools.cache
def smooth(x):
    return x**2 * np.sin(x)


SCALE = 0.7


@program(V, 0.8, peer=False)
def functions_with_a_cache(c, x):
    global SCALE
    places, weights = nodes_and_weights(len(c))
    integral = weights @ np.sin(x * places * c)
    series = sum(ck * x**k / factorial(k) for k, ck in enumerate(c))
    return integral * factorial(3) + series * SCALE + smooth(x)


@program(V.astype(np.float32), 0.1, argnums=(0,), peer=False)
def two_complex_dtypes_in_turn(u, dt):
    k = np.r_[0:2, 0, -1:0] * 1.0
    v = np.fft.fft(u)
    turn = np.exp(1j * k**3 * dt)
    for _ in range(2):
        v = turn * v - 0.5j * dt * k * np.fft.fft(np.real(np.fft.ifft(v)) ** 2)
    return np.sum(np.real(np.fft.ifft(v)) * W)
