"""Transforms, images, nets, prices, curves: algorithms that fill arrays entry by entry."""

import numpy as np

from tests.programs import program

RNG = np.random.default_rng(208)
W4, W6, W8 = (RNG.normal(size=n) for n in (4, 6, 8))
W33, W34, W44, W55 = (RNG.normal(size=s) for s in ((3, 3), (3, 4), (4, 4), (5, 5)))

X8, Y8 = RNG.normal(size=8), RNG.normal(size=8)
X6 = RNG.normal(size=6)
I55, I44, K22 = RNG.normal(size=(5, 5)), RNG.normal(size=(4, 4)), RNG.normal(size=(2, 2))
B43 = RNG.normal(size=(4, 3))


@program(X8, Y8, peer=False)
def fft_butterflies(re, im):
    n = len(re)
    j = 0
    for i in range(1, n):  # bit reversal
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    size = 2
    while size <= n:
        for start in range(0, n, size):
            for k in range(size // 2):
                angle = -2 * np.pi * k / size
                c, s = np.cos(angle), np.sin(angle)
                p, q = start + k, start + k + size // 2
                tr = c * re[q] - s * im[q]
                ti = c * im[q] + s * re[q]
                re[q], im[q] = re[p] - tr, im[p] - ti
                re[p] += tr
                im[p] += ti
        size *= 2
    return np.sum(W8 * re**2) + np.sum(W8 * im)


def fft_recursive(x):
    n = len(x)
    if n == 1:
        return x
    even, odd = fft_recursive(x[::2]), fft_recursive(x[1::2])
    out = np.empty(n, dtype=complex)
    t = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
    out[: n // 2] = even + t
    out[n // 2 :] = even - t
    return out


@program(X8, peer=False)
def fft_by_halves(x):
    z = fft_recursive(x + 0j)
    return np.sum(W8 * z.real) + np.sum(W8 * z.imag**2)


@program(X8, peer=False)
def haar_wavelet(x):
    n = len(x)
    while n > 1:
        half = n // 2
        a, d = (x[0:n:2] + x[1:n:2]) / np.sqrt(2), (x[0:n:2] - x[1:n:2]) / np.sqrt(2)
        x[:half] = a
        x[half:n] = d * np.abs(d)
        n = half
    return W8 @ x


@program(X8, 0.8, peer=False)
def hadamard(x, scale):
    h = 1
    while h < len(x):
        for i in range(0, len(x), 2 * h):
            for j in range(i, i + h):
                x[j], x[j + h] = x[j] + x[j + h], x[j] - x[j + h]
        x *= scale
        h *= 2
    return np.sum(W8 * x**2)


@program(np.array([[2.3, 1.6], [3.4, 2.7]]), np.array([0.7, 1.4]), peer=False)
def average_of_eight_points(positions, weights):
    mean = np.zeros((5, 5))
    for p in range(2):
        x, y = positions[p]
        i, j = int(x), int(y)
        fx, fy = x - i, y - j
        mean[i, j] += weights[p] * (1 - fx) * (1 - fy)
        mean[i + 1, j] += weights[p] * fx * (1 - fy)
        mean[i, j + 1] += weights[p] * (1 - fx) * fy
        mean[i + 1, j + 1] += weights[p] * fx * fy
    smooth = np.zeros_like(mean)
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            if di or dj:
                smooth[1:-1, 1:-1] += mean[1 + di : 4 + di, 1 + dj : 4 + dj] / 8
    return np.sum(W55 * smooth**2)


@program(X6, np.array([0.7, 1.4, 0.3, 0.9, 1.2, 0.5]), peer=False)
def histogram_of_pairs(x, w):
    counts, sums = np.zeros(4), np.zeros(4)
    for i in range(6):
        for j in range(i):
            b = min(int(abs(x[i] - x[j]) / 0.61), 3)
            counts[b] += w[i] * w[j]
            sums[b] += x[i] * x[j] * w[i]
    return np.sum(W4 * sums / (counts + 1))


@program(I55, K22, 0.3, peer=False)
def convolution_by_loops(image, kernel, bias):
    out = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            for p in range(2):
                for q in range(2):
                    out[i, j] += image[i + p, j + q] * kernel[p, q]
            out[i, j] += bias
    return np.sum(W44 * np.tanh(out))


@program(
    RNG.normal(size=(2, 4, 4)), RNG.normal(size=(2, 2, 3, 3)), np.array([0.1, -0.3]), peer=False
)
def convolution_of_channels(x, w, b):
    padded = np.zeros((2, 6, 6))
    padded[:, 1:-1, 1:-1] = x
    out = np.empty((2, 4, 4))
    for o in range(2):
        for i in range(4):
            for j in range(4):
                out[o, i, j] = np.sum(padded[:, i : i + 3, j : j + 3] * w[o]) + b[o]
    np.maximum(out, 0.1 * out, out=out)
    return np.sum(W44 * out[0] * out[1])


@program(I44, peer=False)
def max_pooling(x):
    out = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = np.max(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return np.sum(W44[:2, :2] * out**2)


@program(I44, K22, peer=False)
def unpooling_and_transposed_convolution(x, k):
    out = np.zeros((5, 5))
    for i in range(4):
        for j in range(4):
            out[i : i + 2, j : j + 2] += x[i, j] * k
    return np.sum(W55 * out**2)


@program(RNG.normal(size=(3, 4)), I44, 0.5 * I44.T, W4 * 0.1, peer=False)
def residual_block(x, w1, w2, b):
    h = x @ w1
    h += b
    h[h < 0] *= 0.01
    h = h @ w2
    h += x
    h -= h.mean(axis=1, keepdims=True)
    h /= np.sqrt(np.mean(h**2, axis=1, keepdims=True) + 1e-5)
    return np.sum(W34 * h)


class BatchNorm:
    def __init__(self, n, momentum):
        self.mean = np.zeros(n)
        self.var = np.ones(n)
        self.momentum = momentum

    def __call__(self, x, gamma, beta):
        mean, var = x.mean(axis=0), x.var(axis=0)
        self.mean *= self.momentum
        self.mean += (1 - self.momentum) * mean
        self.var[:] = self.momentum * self.var + (1 - self.momentum) * var
        return gamma * (x - mean) / np.sqrt(var + 1e-3) + beta


@program(B43, B43[::-1] * 0.7 + 0.1, np.array([1.1, 0.8, 0.9]), W33[0], 0.9, peer=False)
def batch_norm_with_running_averages(x, y, gamma, beta, momentum):
    norm = BatchNorm(3, momentum)
    out = norm(x, gamma, beta)
    out[0] *= norm(y, gamma, beta)[1]
    late = (out - norm.mean) / np.sqrt(norm.var)
    return np.sum(W34.T * late)


@program(W33, RNG.normal(size=(3, 3)), np.array([0.1, 0.4, -0.2]), peer=False)
def recurrent_net(w, u, h):
    x = np.sin(np.arange(12.0)).reshape(4, 3)
    states = np.zeros((5, 3))
    states[0] = h
    for t in range(4):
        states[t + 1] = np.tanh(w @ states[t] + u @ x[t])
        states[t + 1] *= 0.9
    return np.sum(W55[:, :3] * states)


@program(RNG.normal(size=(4, 2)), RNG.normal(size=(4, 2)), RNG.normal(size=(4, 2)), peer=False)
def causal_attention(q, k, v):
    out = np.zeros_like(q)
    for i in range(4):
        s = q[i] @ k[: i + 1].T / np.sqrt(2)
        s -= s.max()
        np.exp(s, out=s)
        s /= s.sum()
        out[i] = s @ v[: i + 1]
    return np.sum(W44[:, :2] * out)


@program(np.array([0.5, -0.3]), 0.1, 0.9, 0.8, peer=False)
def adam(theta, rate, beta1, beta2):
    m, v = np.zeros(2), np.zeros(2)
    for t in range(1, 4):
        g = np.array([4 * theta[0] ** 3 + theta[1], theta[0] - 2 * theta[1] + 0.7])
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g**2
        theta -= rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + 1e-8)
    return theta @ np.array([1.3, -0.7])


@program(0.2, 0.04, 1.0, 0.6, peer=False)
def black_scholes_by_differences(sigma, rate, strike, maturity):
    n, steps = 8, 3
    s = np.linspace(0.0, 2.1, n)
    ds, dt = s[1] - s[0], maturity / steps
    v = np.maximum(s - strike, 0.0)
    for k in range(steps):
        old = v.copy()
        for i in range(1, n - 1):
            delta = (old[i + 1] - old[i - 1]) / (2 * ds)
            gamma = (old[i + 1] - 2 * old[i] + old[i - 1]) / ds**2
            v[i] += dt * (0.5 * sigma**2 * s[i] ** 2 * gamma + rate * s[i] * delta - rate * old[i])
        v[0] = 0.0
        v[-1] = s[-1] - strike * np.exp(-rate * (k + 1) * dt)
    return W8 @ v


@program(np.array([0.2, -0.1, -2.5]), 1.0, np.array([0.5, 0.8, -0.3]), 0.7, peer=False)
def ray_marching(centre, radius, light, blend):
    image = np.zeros((3, 3))
    light = light / np.linalg.norm(light)
    for i in range(3):
        for j in range(3):
            direction = np.array([(j - 1) * 0.3, (1 - i) * 0.3, -1.0])
            direction /= np.linalg.norm(direction)
            t, p = 0.0, np.zeros(3)
            for _ in range(12):
                p[:] = t * direction
                distance = np.linalg.norm(p - centre) - radius
                if distance < 1e-3 or t > 6.0:
                    break
                t += distance
            if t > 6.0:
                image[i, j] = 0.1 * direction[1] * blend
                continue
            normal = (p - centre) / np.linalg.norm(p - centre)
            shade = normal @ light
            image[i, j] = blend * shade + (1 - blend) * (shade * shade)
    return np.sum(W33 * image)


def merge_sort(x):
    if len(x) < 2:
        return x
    left, right = merge_sort(x[: len(x) // 2]), merge_sort(x[len(x) // 2 :])
    out = np.empty(len(x))
    i = j = 0
    for k in range(len(out)):
        if j == len(right) or (i < len(left) and left[i] < right[j]):
            out[k] = left[i]
            i += 1
        else:
            out[k] = right[j]
            j += 1
    return out


@program(X6, peer=False)
def merge_sort_then_weights(x):
    return np.sum(W6 * merge_sort(x) ** 2)


@program(X8, peer=False)
def tree_reduction_in_place(x):
    stride = 1
    while stride < len(x):
        for i in range(0, len(x), 2 * stride):
            x[i] = x[i] * 0.5 + np.sin(x[i + stride])
        stride *= 2
    return x[0] * 1.7 + W8 @ x


@program(X8, peer=False)
def prefix_sums_by_doubling(x):
    shift = 1
    while shift < len(x):
        x[shift:] += 0.7 * x[:-shift]
        shift *= 2
    return np.sum(W8 * x**2)


@program(X8, peer=False)
def prefix_sums_up_and_down(x):
    n, d = len(x), 1
    while d < n:
        x[2 * d - 1 :: 2 * d] += x[d - 1 :: 2 * d]
        d *= 2
    x[-1] = 0
    while d > 1:
        d //= 2
        left = x[d - 1 :: 2 * d].copy()
        x[d - 1 :: 2 * d] = x[2 * d - 1 :: 2 * d]
        x[2 * d - 1 :: 2 * d] += left
    return np.sum(W8 * x**2)
