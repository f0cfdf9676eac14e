"""The programs adjoint was made for, with the numbers their pages print.

They were written for PyTorch: 000 and 001 fit lines, 003 fits y = 2x by hand and by autograd;
002 is in ``test_seeds_layers.py``. Where a page prints inputs, or numbers from which they follow,
the printed gradients and losses are asked for; else gradients are judged by closed form or
central differences.
"""

from __future__ import annotations

import numpy as np
import pytest

from adjoint import grad, value_and_grad
from tests.oracle import assert_gradient

# 000: y = a**3 - b**2, and a line fitted by a class


def cubic(a, b):
    return a**3 - b**2


def cubic_plus_three(a, b):
    y = a**3 - b**2 + 3
    return y


@pytest.mark.parametrize("a, b", [(5, 6), (5.0, 6.0), (5, 6.0)])
@pytest.mark.parametrize("fun, value", [(cubic, 89), (cubic_plus_three, 92)])
def test_000_gradient_at_five_and_six(fun, value, a, b):
    got, (d_a, d_b) = value_and_grad(fun, argnums=(0, 1))(a, b)
    assert (got, d_a, d_b) == (value, 75.0, -12.0)
    assert isinstance(d_a, float) and isinstance(d_b, float)
    assert grad(fun)(a, b) == 75.0
    assert grad(fun, argnums="b")(a, b) == -12.0


class Linear:
    def __init__(self, n_in, n_out, rng):
        self.w = rng.standard_normal((n_in, n_out))
        self.b = rng.standard_normal(n_out)

    def forward(self, x):
        return x @ self.w + self.b


def mse(model, x, y):
    y_pred = model.forward(x)
    return np.square(y - y_pred.squeeze()).mean()


def regression_data(coefficient=0.48, bias=2.0, noise=0.3, samples=1500):
    """Return what scikit-learn's ``make_regression`` makes for one feature."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((samples, 1))
    return x, coefficient * x[:, 0] + bias + noise * rng.standard_normal(samples)


def test_000_class_is_trained_in_thirty_steps():
    x, y = regression_data()
    model = Linear(1, 1, np.random.default_rng(0))
    step = value_and_grad(mse)
    losses = []
    for _ in range(30):
        loss, d_model = step(model, x, y)
        assert type(d_model) is Linear
        model.w = model.w - 0.1 * d_model.w
        model.b = model.b - 0.1 * d_model.b
        losses.append(loss)
    assert abs(model.w.item() - 0.48) < 0.02
    assert f"{model.b.item():.2f}" == "2.00"
    assert losses == sorted(losses, reverse=True)


def test_000_class_against_differences_and_closed_form():
    x, y = regression_data(samples=20)
    model = Linear(1, 1, np.random.default_rng(0))
    gradient = assert_gradient(mse, model, x, y, argnums=(0,))[0]
    residual = y - (x @ model.w + model.b).squeeze()
    np.testing.assert_allclose(gradient.w[0, 0], np.mean(-2 * residual * x[:, 0]), rtol=1e-12)
    np.testing.assert_allclose(gradient.b[0], np.mean(-2 * residual), rtol=1e-12)


def test_000_single_precision_stays_single():
    x, y = (part.astype(np.float32) for part in regression_data(samples=20))
    model = Linear(1, 1, np.random.default_rng(0))
    model.w, model.b = model.w.astype(np.float32), model.b.astype(np.float32)
    value, gradient = value_and_grad(mse)(model, x, y)
    assert value.dtype == gradient.w.dtype == gradient.b.dtype == np.float32


# 001: a line through twenty times x


def test_001_first_gradient():
    def line(x, w, b):
        y = x * w + b
        return y

    assert grad(line, argnums=(1, 2))(5.0, 4.0, 2.0) == (5.0, 1.0)


def fit_line(shift, epochs=100):
    """Return losses, slope and offset of the page's loop; ``shift`` is its random draw."""
    x = np.arange(1, 100, 1)
    y = (x * 20 + 5 + shift).reshape(-1)

    def loss_of(w, b):
        y_pred = (x * w) + b
        return np.square(y_pred - y).mean()

    step = value_and_grad(loss_of, argnums=(0, 1))
    w, b, losses = 0.0, 0.0, []
    for _ in range(epochs):
        loss, (d_w, d_b) = step(w, b)
        losses.append(loss)
        w -= d_w * 0.0001
        b -= d_b * 0.0001
    return losses, w, b


def test_001_losses():
    losses, w, _ = fit_line(shift=1)
    # The page has float32, hence four digits.
    printed = [1338702.5, 7.9803, 7.9686, 7.9568, 7.9450, 7.9333, 7.9216]
    np.testing.assert_allclose(losses[::15], printed, rtol=1e-4)
    assert abs(w - 20.1) < 0.1


def test_001_final_parameters():
    # These were printed by a run of the page with another draw than its losses.
    _, w, b = fit_line(shift=3)
    assert (w, b) == (pytest.approx(20.115468978881836, abs=1e-3), pytest.approx(0.341, abs=1e-3))


# 003: y = 2x, three times


def test_003_mean():
    def f(x):
        y = x + 2
        z = y * 2
        z = z.mean()
        return z

    x = np.array([-0.7851, -0.5255, -0.8914])
    value, gradient = value_and_grad(f)(x)
    assert f"{value:.4f}" == "2.5320"  # the page prints 2.5321, from x before it was rounded
    assert [f"{g:.4f}" for g in gradient] == ["0.6667"] * 3


def test_003_vector_jacobian_product():
    v = np.array([0.1, 1.0, 0.001])

    def reading(x):
        y = (x + 2) * 2
        return np.vdot(v, y)

    np.testing.assert_allclose(grad(reading)(np.array([-0.8, -0.5, -0.9])), 2 * v, rtol=1e-15)


def test_003_nothing_accumulates_over_epochs():
    weights = np.ones(4)

    @grad
    def gradient(weights):
        model_output = (weights * 3).sum()
        return model_output

    kept = [gradient(weights) for _ in range(3)]
    assert [g.tolist() for g in kept] == [[3.0] * 4] * 3
    kept[0][:] = 0.0
    assert gradient(weights).tolist() == [3.0] * 4


X = np.array([1, 2, 3, 4], dtype=np.float32)
Y = np.array([2, 4, 6, 8], dtype=np.float32)

BY_HAND = """
epoch 1: w= 1.200, loss =30.00000000
epoch 3: w= 1.872, loss =0.76800019
epoch 5: w= 1.980, loss =0.01966083
epoch 7: w= 1.997, loss =0.00050332
epoch 9: w= 1.999, loss =0.00001288
epoch 11: w= 2.000, loss =0.00000033
epoch 13: w= 2.000, loss =0.00000001
epoch 15: w= 2.000, loss =0.00000000
epoch 17: w= 2.000, loss =0.00000000
epoch 19: w= 2.000, loss =0.00000000
"""

BY_AUTOGRAD = """
epoch 1: w= 3.000, loss =30.00000000
epoch 11: w= 2.001, loss =0.00002861
epoch 21: w= 2.000, loss =0.00000000
epoch 31: w= 2.000, loss =0.00000000
epoch 41: w= 2.000, loss =0.00000000
epoch 51: w= 2.000, loss =0.00000000
epoch 61: w= 2.000, loss =0.00000000
epoch 71: w= 2.000, loss =0.00000000
epoch 81: w= 2.000, loss =0.00000000
epoch 91: w= 2.000, loss =0.00000000
"""


def squared_error(w):
    return ((w * X - Y) ** 2).mean()


def summed_error(w):
    return ((w * X - Y) ** 2).sum()


def hand_gradient(w):
    """Return the page's gradient, which sums where its loss takes the mean."""
    return np.dot(2 * X, w * X - Y).mean()


def printed_training(gradient, rate, iterations, every):
    """Return what the page's loop prints; ``w`` is float32 there after its first step."""
    w, lines = np.float32(0.0), [""]
    for epoch in range(iterations):
        loss = squared_error(w)
        w = w - np.float32(rate) * gradient(w)
        if epoch % every == 0:
            lines.append(f"epoch {epoch + 1}: w= {w:.3f}, loss ={loss:.8f}")
    assert f"{w * 5:.3f}" == "10.000"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("gradient", [hand_gradient, grad(summed_error)])
def test_003_twenty_iterations_digit_for_digit(gradient):
    assert printed_training(gradient, 0.01, 20, 2) == BY_HAND


def test_003_hundred_iterations_digit_for_digit():
    assert printed_training(grad(squared_error), 0.1, 100, 10) == BY_AUTOGRAD


class LinearRegression:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def __call__(self, x):
        return x @ self.w + self.b


def train_model(w, b, rate, iterations):
    """Return the model after training and the slopes and losses on every hundredth epoch."""
    x, y = X.astype(float)[:, None], Y.astype(float)[:, None]
    model = LinearRegression(np.array([[w]]), np.array([b]))
    step = value_and_grad(lambda model: np.mean((model(x) - y) ** 2))
    log = []
    for epoch in range(iterations):
        loss, slope = step(model)
        model.w = model.w - rate * slope.w
        model.b = model.b - rate * slope.b
        if epoch % 100 == 0:
            log.append((model.w.item(), loss))
    return model, log


def test_003_model_class_from_the_start_of_the_page():
    # Start worked out from the page's f(5) = -4.454 and its first w.
    model, log = train_model(-0.74086, -0.7497, 0.001, 1000)
    slopes = [-0.696, 1.456, 1.856, 1.932, 1.947, 1.951, 1.953, 1.955, 1.956, 1.957]
    losses = [67.17584229, 2.31811523, 0.08370954]
    np.testing.assert_allclose([w for w, _ in log], slopes, atol=1.5e-3)
    np.testing.assert_allclose([loss for _, loss in log[:3]], losses, rtol=1e-3)
    assert f"{model(np.array([[5.0]])).item():.3f}" == "9.915"


@pytest.mark.parametrize("w, b", [(0.0, 0.0), (3.0, -1.0), (-2.0, 0.7)])
def test_003_model_class_from_any_start(w, b):
    model, log = train_model(w, b, 0.05, 1000)
    assert model.w.item() == pytest.approx(2.0, abs=1e-3)
    assert log[-1][1] < 1e-6
