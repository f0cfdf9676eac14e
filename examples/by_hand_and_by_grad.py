"""y = 2 x learned three times: by a gradient written by hand, by `grad`, and as a model class."""

import numpy as np

from adjoint import grad, value_and_grad

X = np.array([1, 2, 3, 4], dtype=np.float32)
Y = np.array([2, 4, 6, 8], dtype=np.float32)


def loss_of(w):
    return ((w * X - Y) ** 2).mean()


def gradient_by_hand(w):
    # The slip of many a notebook: np.dot sums already, so the mean is of one number, and the
    # gradient is that of the sum of squares.
    return np.dot(2 * X, w * X - Y).mean()


def train(title, gradient, rate, iterations, every):
    """Descend from w = 0, telling every few epochs."""
    print(title)
    w = np.float32(0.0)
    print(f"  prediction before training: f(5) = {w * 5:.3f}")
    for epoch in range(iterations):
        loss = loss_of(w)
        w = w - np.float32(rate) * gradient(w)
        if epoch % every == 0:
            print(f"  epoch {epoch + 1}: w= {w:.3f}, loss ={loss:.8f}")
    print(f"  prediction after training: f(5) = {w * 5:.3f}\n")


class LinearRegression:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def __call__(self, x):
        return x @ self.w + self.b


def model_loss(model, x, y):
    return np.mean((model(x) - y) ** 2)


def train_model(rate=0.01, iterations=1000):
    """The same with a bias, from a random start."""
    print(f"3. As a model class, {iterations} iterations")
    x, y = X.astype(float)[:, None], Y.astype(float)[:, None]
    rng = np.random.default_rng(0)
    model = LinearRegression(rng.standard_normal((1, 1)), rng.standard_normal(1))
    step = value_and_grad(model_loss)
    for epoch in range(iterations):
        loss, d_model = step(model, x, y)
        model.w = model.w - rate * d_model.w
        model.b = model.b - rate * d_model.b
        if epoch % 100 == 0:
            print(f"  epoch {epoch + 1}: w= {model.w.item():.3f}, loss ={loss:.8f}")
    print(f"  prediction after training: f(5) = {model(np.array([[5.0]])).item():.3f}")


def main():
    train("1. By hand, 20 iterations", gradient_by_hand, 0.01, 20, 2)
    loss_gradient = grad(loss_of)
    train("2. By grad, 100 iterations", loss_gradient, 0.1, 100, 10)
    print(f"the gradient function that `grad` wrote:\n\n{loss_gradient.source}\n")
    train_model()


if __name__ == "__main__":
    main()
