"""Models and losses as they are written for learning."""

import numpy as np

from adjoint import no_grad
from tests.programs import program

rng = np.random.default_rng(7)
X = rng.standard_normal((6, 3))
Y = rng.standard_normal(6)
LABELS = np.array([0, 2, 1, 1, 0, 2])
BINARY = (LABELS > 0).astype(float)
W1 = rng.standard_normal((3, 4))
B1 = rng.standard_normal(4)
W2 = rng.standard_normal((4, 3))
B2 = rng.standard_normal(3)
Q = rng.standard_normal((4, 3))
SEQUENCE = rng.standard_normal((5, 3))
IMAGE = rng.standard_normal((5, 6))
KERNEL = rng.standard_normal((2, 3))


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(z, axis=-1):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@program(W1[:, 0], 0.3, X, Y)
def linear_regression(w, b, x, y):
    return np.mean((x @ w + b - y) ** 2)


@program(W1[:, :1], B1[:1])
def linear_regression_matrix_form(w, b):
    y_pred = X @ w + b
    return np.square(Y - y_pred.squeeze()).mean()


@program(W1[:, 0], 0.3)
def logistic_regression(w, b):
    p = sigmoid(X @ w + b)
    return -np.mean(BINARY * np.log(p) + (1 - BINARY) * np.log(1 - p))


@program(W1[:, 0], 0.3)
def stable_logistic_loss(w, b):
    z = X @ w + b
    return np.mean(np.maximum(z, 0) - z * BINARY + np.log1p(np.exp(-np.abs(z))))


@program(W1[:, :3])
def softmax_cross_entropy(w):
    z = X @ w
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(LABELS)), LABELS])


@program(W1[:, :3])
def one_hot_cross_entropy(w):
    targets = np.eye(3)[LABELS]
    return -np.sum(targets * np.log(softmax(X @ w))) / len(targets)


@program(W1, B1, W2, B2)
def two_layer_net(w1, b1, w2, b2):
    h = np.tanh(X @ w1 + b1)
    out = h @ w2 + b2
    return np.mean((out - X) ** 2)


@program({"w1": W1, "b1": B1, "w2": W2, "b2": B2})
def relu_net_of_dict(p):
    h = relu(X @ p["w1"] + p["b1"])
    z = h @ p["w2"] + p["b2"]
    return -np.mean(np.log(softmax(z)[np.arange(6), LABELS]))


@program([(W1, B1), (W2, B2), (W1[:, :2], B1[:2])])
def mlp_of_layers(layers):
    x = X
    for i, (w, b) in enumerate(layers):
        x = x @ w + b
        if i < len(layers) - 1:
            x = np.tanh(x)
    return np.sum(x**2 * np.arange(1.0, 13.0).reshape(6, 2)) / 10


@program([(W1, B1), (W2, B2)])
def mlp_indexed(layers):
    x = X
    for k in range(len(layers)):
        w, b = layers[k]
        x = sigmoid(x @ w + b)
    return np.mean(np.sum((x - 0.3) ** 2, axis=1) * Y)


@program([(W1, B1), (W2, B2)])
def mlp_last_layer_apart(layers):
    *hidden, (w, b) = layers
    x = X
    for wh, bh in hidden:
        x = relu(x @ wh + bh)
    return np.sum((x @ w + b) ** 2)


@program(W1[:, 0], 0.1)
def weight_decay(w, strength):
    fit = np.mean((X @ w - Y) ** 2)
    return fit + strength * np.sum(w**2) + strength * np.sum(np.abs(w))


@program(np.eye(4) * 0.5, W1.T * 0.3, np.zeros(4) + 0.1)
def recurrent_net(wh, wx, b):
    h = np.zeros(4)
    for x in SEQUENCE:
        h = np.tanh(wh @ h + wx @ x + b)
    return np.sum(h * B1)


@program(np.eye(4) * 0.5, W1.T * 0.3)
def recurrent_net_all_outputs(wh, wx):
    h = np.ones(4) * 0.1
    loss = 0.0
    for t in range(SEQUENCE.shape[0]):
        h = np.tanh(wh @ h + wx @ SEQUENCE[t])
        loss = loss + np.sum((h - Y[t]) ** 2) / (t + 1)
    return loss


@program(rng.standard_normal((8, 5)) * 0.4, np.zeros(2))
def gated_cell(w, h):
    for x in SEQUENCE:
        z = np.concatenate([h, x])
        gates = w @ z
        i, f, o, g = gates[:2], gates[2:4], gates[4:6], gates[6:]
        c = sigmoid(f) * h + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return np.sum(h * np.array([1.0, -2.0]))


@program(X, B1[:3], B2)
def layer_norm(x, gain, bias):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    y = gain * (x - mean) / np.sqrt(var + 1e-5) + bias
    return np.sum(y * np.arange(18.0).reshape(6, 3)) / 7


@program(X, B1[:3], B2)
def batch_norm(x, gain, bias):
    m = np.mean(x, axis=0)
    v = np.mean((x - m) ** 2, axis=0)
    y = gain * (x - m) / np.sqrt(v + 1e-5) + bias
    return np.mean(np.tanh(y) * np.arange(18.0).reshape(6, 3))


@program(SEQUENCE, Q.T[:, :3], W1[:, :3], W2[:3])
def attention(x, wq, wk, wv):
    q, k, v = x @ wq, x @ wk, x @ wv
    scores = q @ k.T / np.sqrt(q.shape[-1])
    out = softmax(scores) @ v
    return np.sum(out**2 * np.arange(1.0, 4.0))


@program(SEQUENCE, rng.standard_normal((2, 3, 2)))
def multi_head_scores(x, w):
    total = 0.0
    for head in range(w.shape[0]):
        p = x @ w[head]
        total = total + np.sum(softmax(p @ p.T, axis=0)[0] * (head + 1) * Y[:5])
    return total


@program(IMAGE, KERNEL)
def convolution_by_slices(image, kernel):
    n, m = kernel.shape
    rows = image.shape[0] - n + 1
    columns = image.shape[1] - m + 1
    out = np.zeros((rows, columns))
    for i in range(n):
        for j in range(m):
            out = out + kernel[i, j] * image[i : i + rows, j : j + columns]
    return np.sum(np.tanh(out) * np.arange(16.0).reshape(4, 4))


@program(IMAGE[:4])
def max_pooling(image):
    pooled = image.reshape(2, 2, 3, 2).max(axis=(1, 3))
    return np.sum(pooled**2 * np.arange(1.0, 7.0).reshape(2, 3))


@program(X, X[:2] + 0.3)
def soft_k_means(x, centres):
    d = np.sum((x[:, None, :] - centres[None, :, :]) ** 2, axis=2)
    w = softmax(-d, axis=1)
    return np.sum(w * d * np.arange(1.0, 13.0).reshape(6, 2))


@program(X, X[:2] + 0.3)
def hard_k_means(x, centres):
    d = np.sum((x[:, None, :] - centres) ** 2, axis=2)
    nearest = np.argmin(d, axis=1)
    return np.sum((x - centres[nearest]) ** 2 * Y[:, None])


@program(W2)
def embedding_lookup(table):
    vectors = table[np.array([0, 3, 3, 1])]
    return np.sum(np.tanh(vectors.mean(axis=0)) * np.array([1.0, 2.0, -1.0]))


@program(W1[:, 0])
def polynomial_features(w):
    t = X[:, 0]
    features = np.stack([t**k for k in range(3)], axis=1)
    return np.mean((features @ w - np.sin(t)) ** 2)


@program(W1, 0.4)
def normalised_rows(w, margin):
    unit = w / np.sqrt(np.sum(w**2, axis=1, keepdims=True))
    similarity = unit @ unit.T
    return np.sum(np.maximum(0, similarity - margin) ** 2 * np.arange(9.0).reshape(3, 3))


@program(W1[:, 0])
def huber_loss(w):
    r = X @ w - Y
    return np.mean(np.where(np.abs(r) < 1, 0.5 * r**2, np.abs(r) - 0.5))


@program(W1[:, 0])
def hinge_loss(w):
    margin = 1 - (2 * BINARY - 1) * (X @ w)
    return np.mean(np.maximum(0.0, margin)) + 0.01 * np.dot(w, w)


@program(W1[:, 0])
def dropout_with_fixed_mask(w):
    mask = np.array([1.0, 0.0, 1.0])
    return np.mean((X @ (w * mask / 0.6) - Y) ** 2) + w[1] ** 2


@program(W1[:, 0], peer=False)
def monitored_inside_no_grad(w):
    y = X @ w
    with no_grad():
        worst = np.max(np.abs(y))
    assert worst > 0
    return np.mean((y - Y) ** 2)


@program(np.abs(W1[:, 0]))
def errstate_around_logarithm(w):
    with np.errstate(divide="ignore"):
        y = np.log(w)
    return np.sum(y**2)


@program(W1[:, 0], 3, 0.05)
def unrolled_descent(w, steps, rate):
    for _ in range(steps):
        residual = X @ w - Y
        w = w - rate * 2 / len(Y) * (X.T @ residual)
    return np.mean((X @ w - Y) ** 2)


@program(W1[:, 0], W1[:, 1] * 0.1, 4, 0.9)
def unrolled_momentum(w, v, steps, beta):
    for t in range(1, steps + 1):
        slope = X.T @ (X @ w - Y) / len(Y)
        v = beta * v + (1 - beta) * slope
        corrected = v / (1 - beta**t)
        w = w - 0.3 * corrected
    return np.mean((X @ w - Y) ** 2)
