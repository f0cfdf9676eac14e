"""Attributes that objects have of their class until they are given their own."""

import numpy as np

from tests.programs import program

X = np.array([0.4, 0.9, 0.7])


class Account:
    total = 0.0
    count = 0
    last = None
    rate = 2.0
    row = np.zeros(3)

    def add(self, v):
        self.total += v * self.rate
        self.count += 1

    def change(self, v):
        gap = 0.0 if self.last is None else v - self.last
        self.last = v
        return gap

    def grow(self, v):
        self.row = self.row + v
        if self.count > 1:
            self.rate = v
        self.count = self.count + 1


class Savings(Account):
    rate = 1.5


@program(X, peer=False)
def sums_begin_at_the_class(x):
    account = Savings()
    for v in x:
        account.add(v**2)
    return account.total * account.count


@program(X, peer=False)
def none_of_the_class(x):
    account, total = Account(), 0.0
    for v in x:
        total += account.change(v) ** 2
    return total


@program(X, peer=False)
def arrays_of_the_class(x):
    account = Account()
    for k in range(5):
        account.grow(x * k)
    return np.sum(account.row**2) + np.sum(account.rate)


@program(X, 0.2, argnums=(0,), peer=False)
@program(X, 0.6, name="of_the_class_on_one_path", argnums=(0,), peer=False)
def own_on_one_path(x, least):
    account = Account()
    if x[0] > least:
        account.total = x[1]
        account.last = x[2]
    return account.total * 2 + (x[0] if account.last is None else account.last**2)


class Momentum:
    speed = None

    def step(self, w):
        if self.speed is None:
            self.speed = np.zeros_like(w)
        self.speed = 0.9 * self.speed + 2 * w
        return w - 0.1 * self.speed


@program(X, 4, peer=False)
def optimiser_with_a_default(w, n):
    momentum = Momentum()
    for _ in range(n):
        w = momentum.step(w)
    return np.sum(w**2)
