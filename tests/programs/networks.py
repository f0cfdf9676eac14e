"""Networks as repositories have them: modules in lists, parameters in dicts of dicts."""

import logging

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(5)


def normal(*shape):
    return 0.5 * RNG.standard_normal(shape)


class Layer:
    def __init__(self, n_in, n_out):
        self.w = normal(n_in, n_out)
        self.b = normal(n_out)

    def __call__(self, x):
        return np.tanh(x @ self.w + self.b)


class Tower:
    def __init__(self, *sizes):
        self.layers = [Layer(a, b) for a, b in zip(sizes, sizes[1:])]  # noqa: RUF007
        self.log, self.library = logging.getLogger(__name__), np
        self.frozen = {"head": Layer(2, 2), "tail": Layer(3, 2)}

    def parameters(self):
        for layer in self.layers:
            yield layer.w
            yield layer.b


@program(Tower(3, 4, 2, 2), normal(5, 3), peer=False)
def one_layer_is_read(model, x):
    return np.sum(model.layers[0](x) * np.arange(4.0))


@program(Tower(3, 2, 2), normal(5, 3), peer=False)
def one_part_of_a_dict_is_read(model, x):
    for layer in model.layers:
        assert isinstance(layer, Layer)
    return np.sum(model.frozen["tail"](x) * np.array([1.0, -2.0]))


@program(Tower(3, 4, 2), normal(5, 3), np.array([1, 0, 1, 1, 0]), peer=False)
def cross_entropy_with_decay(model, x, labels):
    for layer in model.layers:
        x = layer(x)
    x = x - x.max(axis=1, keepdims=True)
    log_p = x - np.log(np.sum(np.exp(x), axis=1, keepdims=True))
    decay = 0
    for p in model.parameters():
        decay += 0.01 * (p**2).sum()
    return -log_p[range(len(labels)), labels].mean() + decay


def softmax(x):
    exp_x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exp_x / np.sum(exp_x, axis=-1, keepdims=True)


def linear(x, w, b):
    return x @ w + b


def layer_norm(x, g, b, eps=1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    return g * (x - mean) / np.sqrt(np.var(x, axis=-1, keepdims=True) + eps) + b


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def attention(q, k, v, mask):
    return softmax(q @ k.T / np.sqrt(q.shape[-1]) + mask) @ v


def heads(x, c_attn, c_proj, n_head):
    x = linear(x, **c_attn)
    split = list(map(lambda part: np.split(part, n_head, axis=-1), np.split(x, 3, axis=-1)))
    mask = (1 - np.tri(x.shape[0])) * -1e10
    out = [attention(q, k, v, mask) for q, k, v in zip(*split, strict=True)]
    return linear(np.hstack(out), **c_proj)


def block(x, mlp, attn, ln_1, ln_2, n_head):
    x = x + heads(layer_norm(x, **ln_1), **attn, n_head=n_head)
    y = layer_norm(x, **ln_2)
    return x + linear(gelu(linear(y, **mlp["c_fc"])), **mlp["c_proj"])


def affine(n_in, n_out):
    return {"w": normal(n_in, n_out), "b": normal(n_out)}


def norm(n):
    return {"g": 1 + normal(n), "b": normal(n)}


DEPTH = 4
BLOCK = {
    "mlp": {"c_fc": affine(DEPTH, 5), "c_proj": affine(5, DEPTH)},
    "attn": {"c_attn": affine(DEPTH, 3 * DEPTH), "c_proj": affine(DEPTH, DEPTH)},
    "ln_1": norm(DEPTH),
    "ln_2": norm(DEPTH),
}
GPT = {"wte": normal(6, DEPTH), "wpe": normal(5, DEPTH), "blocks": [BLOCK], "ln_f": norm(DEPTH)}


@program([1, 3, 0, 5], GPT, 2, argnums=(1,), peer=False)
def language_model(tokens, params, n_head):
    def logits(inputs, wte, wpe, blocks, ln_f):
        x = wte[inputs] + wpe[range(len(inputs))]
        for each in blocks:
            x = block(x, **each, n_head=n_head)
        return layer_norm(x, **ln_f) @ wte.T

    p = softmax(logits(tokens[:-1], **params))
    return -np.mean(np.log(p[range(len(tokens) - 1), tokens[1:]]))


LSTM = {name: normal(2, 5) for name in ("wf", "wi", "wc", "wo")}
LSTM |= {"b": normal(2, 1), "wv": normal(3, 2), "bv": normal(3, 1)}


@program(LSTM, [0, 2, 1], [2, 1, 1], normal(2, 1), argnums=(0, 3), peer=False)
def lstm_with_states_in_dicts(p, inputs, targets, h_before):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    x_s, z_s, c_s, h_s, y_s = {}, {}, {}, {}, {}
    h_s[-1] = np.copy(h_before)
    c_s[-1] = np.zeros_like(h_before)
    loss = 0
    for t in range(len(inputs)):
        x_s[t] = np.zeros((3, 1))
        x_s[t][inputs[t]] = 1
        z = z_s[t] = np.vstack((h_s[t - 1], x_s[t]))
        forget, enter = sigmoid(p["wf"] @ z + p["b"]), sigmoid(p["wi"] @ z)
        c_s[t] = forget * c_s[t - 1] + enter * np.tanh(p["wc"] @ z)
        h_s[t] = sigmoid(p["wo"] @ z) * np.tanh(c_s[t])
        v = p["wv"] @ h_s[t] + p["bv"]
        y_s[t] = np.exp(v) / np.sum(np.exp(v))
        loss += -np.log(y_s[t][targets[t], 0])
    return loss + h_s[len(inputs) - 1].sum() ** 2
