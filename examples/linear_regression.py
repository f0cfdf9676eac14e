"""Two lines fitted by gradient descent: a model class, and a plain function of slope and offset.

The gradient functions are generated from the losses below and printed after the first step. If
matplotlib is installed, the loss curves and fitted lines are drawn to linear_regression.png.
"""

from pathlib import Path

import numpy as np

from adjoint import value_and_grad

PICTURE = Path("linear_regression.png")


class Linear:
    """A layer whose parameters are attributes, as anyone would write it."""

    def __init__(self, n_in, n_out, rng):
        self.w = rng.standard_normal((n_in, n_out))
        self.b = rng.standard_normal(n_out)

    def forward(self, x):
        return x @ self.w + self.b


def mse(model, x, y):
    y_pred = model.forward(x)
    return np.square(y - y_pred.squeeze()).mean()


def line_loss(w, b, x, y):
    y_pred = x * w + b
    return np.square(y_pred - y).mean()


def train_model(steps=30, rate=0.1):
    """Fit 1500 noisy points; return the points, the predictions and the losses."""
    rng = np.random.default_rng(4)
    slope, bias, noise = 0.48, 2.0, 0.3
    x = rng.standard_normal((1500, 1))
    y = slope * x[:, 0] + bias + noise * rng.standard_normal(1500)

    print("1. The class Linear, trained on 1500 points")
    model = Linear(1, 1, rng)
    step = value_and_grad(mse)
    losses = []
    for i in range(steps):
        loss, d_model = step(model, x, y)
        model.w = model.w - rate * d_model.w
        model.b = model.b - rate * d_model.b
        losses.append(loss)
        if i == 0:
            # Above it stands `like`, which makes an object of the model's class for its gradients.
            generated = step.source[step.source.index("def mse_grad") :]
            print(f"\nthe generated function:\n\n{generated}")
        if i % 5 == 0 or i == steps - 1:
            print(f"  step {i + 1:3}  loss {loss:8.4f}")
    print(f"  true slope {slope:.2f}, found {model.w.item():.2f}")
    print(f"  true bias  {bias:.2f}, found {model.b.item():.2f}\n")
    return x[:, 0], y, model.forward(x)[:, 0], losses


def train_line(epochs=100, rate=1e-4):
    """Fit y = 20 x + 5 and one random shift; return the points, the predictions and the losses."""
    x = np.arange(1, 100, 1)
    shift = int(np.random.default_rng(12).integers(-2, 4))
    y = x * 20 + 5 + shift

    print("2. A line through y = 20 x + 5, from w = b = 0")
    step = value_and_grad(line_loss, argnums=("w", "b"))
    w, b, losses = 0.0, 0.0, []
    for epoch in range(epochs):
        loss, (d_w, d_b) = step(w, b, x, y)
        w -= rate * d_w
        b -= rate * d_b
        losses.append(loss)
        if epoch == 0:
            print(f"\nthe generated function:\n\n{step.source}")
        if epoch % 15 == 0 or epoch == epochs - 1:
            print(f"  epoch {epoch + 1:3}  loss {loss:14.4f}")
    print(f"  true slope  20.00, found {w:.2f}")
    print(f"  true offset {5 + shift:5.2f}, found {b:.2f} (it moves slowly at this rate)")
    return x, y, x * w + b, losses


def draw(fits):
    """Draw one row for each fit, if matplotlib is installed."""
    try:
        import matplotlib
    except ImportError:
        print(f"\nmatplotlib is not installed, so {PICTURE} is not drawn")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(len(fits), 2, figsize=(10, 4 * len(fits)), squeeze=False)
    for (curve, data), (title, (x, y, y_pred, losses)) in zip(axes, fits.items(), strict=True):
        curve.semilogy(losses)
        curve.set(title=title, xlabel="step", ylabel="loss")
        order = np.argsort(x)
        data.plot(x, y, ".", markersize=2, label="data")
        data.plot(x[order], y_pred[order], label="fitted line")
        data.set(xlabel="x", ylabel="y")
        data.legend()
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=100)
    print(f"\nloss curves and fitted lines: {PICTURE.resolve()}")


def main():
    draw({"Linear, 1500 points": train_model(), "y = 20 x + 5": train_line()})


if __name__ == "__main__":
    main()
