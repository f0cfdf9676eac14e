"""The programs of page 002: from a square to a layer trained by gradient descent."""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, no_grad, stop_gradient, value_and_grad
from adjoint.errors import ZeroGradientWarning
from tests.oracle import assert_gradient

PRINTED = 5e-5
"""Half a unit of the last digit the pages print of a gradient."""


def test_002_square():
    def f(x):
        return (x**2) + 3

    assert grad(f)(7.0) == 14.0
    assert grad(f)(7) == 14.0


def test_002_polynomial_of_a_matrix():
    def f(x):
        return (x**3) + 7 * (x**2) + 5 * x + 10

    def z(x):
        return f(x).sum()

    x = np.arange(1.0, 10.0).reshape(3, 3)
    expected = [[22.0, 45.0, 74.0], [109.0, 150.0, 197.0], [250.0, 309.0, 374.0]]
    assert grad(z)(x).tolist() == expected
    assert grad(lambda x: np.sum(f(x)))(x.astype(np.float32)).tolist() == expected


def test_002_neuron_and_update():
    def forward(x, w, b):
        y = w * x + b
        return y

    x, w, b = 5.0, 2.0, 3.0
    y, (d_x, d_w, d_b) = value_and_grad(forward, argnums=(0, 1, 2))(x, w, b)
    assert (y, d_x, d_w, d_b) == (13.0, 2.0, 5.0, 1.0)
    assert (w - 0.01 * d_w, b - 0.01 * d_b) == (1.95, 2.99)


def bce_with_logits(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def bce_loss(w, b, x, y):
    z = np.matmul(x, w) + b
    return bce_with_logits(z, y)


def bce_by_logaddexp(w, b, x, y):
    z = x @ w + b
    return (np.logaddexp(0, z) - y * z).mean()


@pytest.mark.parametrize("loss", [bce_loss, bce_by_logaddexp])
def test_002_bce_with_logits_prints_the_same_gradient(loss):
    x, y = np.ones(5), np.zeros(3)
    printed = np.array([0.1484, 0.0223, 0.0146])
    # The page's w and b are random; its gradient, sigmoid(z) / 3, gives back its z.
    z = np.log(3 * printed / (1 - 3 * printed))
    w = np.random.default_rng(0).standard_normal((5, 3))
    b = z - w.sum(axis=0)
    d_w, d_b = grad(loss, argnums=(0, 1))(w, b, x, y)
    np.testing.assert_allclose(d_w, np.tile(printed, (5, 1)), atol=PRINTED)
    np.testing.assert_allclose(d_b, printed, atol=PRINTED)
    assert_gradient(loss, w, b, x, np.array([0.0, 1.0, 0.3]), argnums=(0, 1))


D_W1_ROW = np.array([-0.4414, 0.9661, 0.2137, 0.3215, -1.2320, 1.8425, -2.0603, -1.9953])
D_B1 = np.array([0.8793, 0.0, -1.0307, 0.2938, 0.2128])
D_W2 = np.array([[0.0359], [0.0], [5.0725], [4.4821], [1.4200]])


def test_002_two_layer_relu_net_prints_the_same_gradients():
    def net(x, w1, b1, w2, b2):
        h = x @ w1 + b1
        h = np.maximum(h, 0)
        return h @ w2 + b2

    # x, w2 and the hidden values follow from the gradients printed; w1 does not matter. Products
    # of two printed numbers are good to 2e-4.
    x = (np.append(D_W1_ROW, [-0.4793, -0.2604]) / D_B1[0])[None, :]
    w2 = np.array([[0.8793], [0.7], [-1.0307], [0.2938], [0.2128]])
    w1 = np.random.default_rng(1).standard_normal((10, 5))
    hidden = np.where(D_W2[:, 0] > 0, D_W2[:, 0], -1.0)
    b1, b2 = hidden - (x @ w1)[0], np.array([0.3])
    d_w1, d_b1, d_w2, d_b2 = grad(net, argnums=(1, 2, 3, 4))(x, w1, b1, w2, b2)
    np.testing.assert_allclose(d_w1[:8, 0], D_W1_ROW, atol=2e-4)
    np.testing.assert_allclose(d_w1[0], [-0.4414, 0.0, 0.5173, -0.1474, -0.1068], atol=2e-4)
    np.testing.assert_allclose(d_w1[6], [-2.0603, 0.0, 2.4149, -0.6883, -0.4987], atol=2e-4)
    np.testing.assert_allclose(d_b1, D_B1, atol=PRINTED)
    np.testing.assert_allclose(d_w2, D_W2, atol=PRINTED)
    assert d_b2.tolist() == [1.0]
    assert_gradient(lambda *p: net(*p)[0, 0], x, w1, b1, w2, b2)


def test_002_no_grad_stops_gradients():
    x = np.ones(5)

    def half_watched(w):
        with no_grad():
            frozen = x @ w
        return np.sum((x @ w) * frozen)

    def unwatched(w):
        with no_grad():
            z = np.matmul(x, w)
        return np.sum(z)

    w = np.random.default_rng(2).standard_normal((5, 3))
    np.testing.assert_allclose(grad(half_watched)(w), np.tile(x @ w, (5, 1)), rtol=1e-14)
    with pytest.warns(ZeroGradientWarning):
        assert grad(unwatched)(w).tolist() == np.zeros((5, 3)).tolist()


def test_002_detach():
    def f(w):
        z_det = stop_gradient(w * w)
        return np.sum(z_det * w)

    w = np.array([1.5, -2.0, 3.0])
    value, gradient = value_and_grad(f)(w)
    assert value == np.sum(w**3)
    assert gradient.tolist() == (w * w).tolist()


W_PRINTED = np.array([[0.4090, -0.1328, 0.2428], [0.0499, -0.3968, -0.1845]])
B_PRINTED = np.array([-0.0601, -0.0259])


def layer_loss(params, x, y):
    pred = x @ params["weight"].T + params["bias"]
    return np.mean((pred - y) ** 2)


def by_hand(w, b, x, y):
    """Return loss and gradients of the layer, written out."""
    residual = x @ w.T + b - y
    slope = 2 * residual / residual.size
    return np.mean(residual**2), slope.T @ x, slope.sum(axis=0)


def test_002_layer_one_step_of_sgd():
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((10, 3)), rng.standard_normal((10, 2))
    params = {"weight": W_PRINTED, "bias": B_PRINTED}
    gradient = assert_gradient(layer_loss, params, x, y, argnums=(0,))[0]
    loss, d_w, d_b = by_hand(W_PRINTED, B_PRINTED, x, y)
    np.testing.assert_allclose(gradient["weight"], d_w, rtol=1e-12)
    np.testing.assert_allclose(gradient["bias"], d_b, rtol=1e-12)
    after = {name: params[name] - 0.01 * gradient[name] for name in params}
    # One small step gains the rate times the squared length of the gradient, to first order.
    gain = loss - layer_loss(after, x, y)
    assert gain == pytest.approx(0.01 * (np.sum(d_w**2) + np.sum(d_b**2)), rel=0.05)


def test_002_layer_ten_epochs():
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((10, 3)), rng.standard_normal((10, 2))
    params, (w, b) = {"weight": W_PRINTED, "bias": B_PRINTED}, (W_PRINTED, B_PRINTED)
    step = value_and_grad(layer_loss)
    losses, expected = [], []
    for _ in range(10):
        loss, gradient = step(params, x, y)
        params = {name: params[name] - 0.01 * gradient[name] for name in params}
        losses.append(loss)
        loss, d_w, d_b = by_hand(w, b, x, y)
        w, b = w - 0.01 * d_w, b - 0.01 * d_b
        expected.append(loss)
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    assert losses == sorted(losses, reverse=True)
