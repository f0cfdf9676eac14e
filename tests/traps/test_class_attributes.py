"""Class and module attributes that change between calls of one gradient."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from adjoint import grad


class Model:
    training = True
    activation = "sin"

    def __init__(self, w: float) -> None:
        self.w = w

    def loss(self, x: float) -> Any:
        y = self.w * x
        if self.training:
            y = y * 3
        return self.reg(np.sin(y) if self.activation == "sin" else y**2)

    def reg(self, y: Any) -> Any:
        return y


class Config:
    flag = True


settings = types.ModuleType("settings")
settings.flag = True  # type: ignore[attr-defined]


def model_loss(model: Model, x: float) -> Any:
    return model.loss(x)


def config_loss(x: float) -> Any:
    return x * 3 if Config.flag else x**2


def settings_loss(x: float) -> Any:
    return x * 3 if settings.flag else x**2  # type: ignore[attr-defined]


def test_flag_of_a_class_is_covered_by_one_of_the_object() -> None:
    model, gradient = Model(2.0), grad(model_loss, argnums=1)
    assert np.isclose(gradient(model, 0.3), 6 * np.cos(1.8))
    model.training = False
    assert np.isclose(gradient(model, 0.3), 2 * np.cos(0.6))
    model.activation = "square"
    assert np.isclose(gradient(model, 0.3), 8 * 0.3)


def test_flag_of_a_class_changes(monkeypatch: Any) -> None:
    model, gradient = Model(2.0), grad(model_loss, argnums=1)
    assert np.isclose(gradient(model, 0.3), 6 * np.cos(1.8))
    monkeypatch.setattr(Model, "training", False)
    assert np.isclose(gradient(model, 0.3), 2 * np.cos(0.6))
    monkeypatch.setattr(Model, "activation", "square")
    assert np.isclose(gradient(model, 0.3), 8 * 0.3)


def test_method_of_a_class_is_replaced(monkeypatch: Any) -> None:
    model, gradient = Model(2.0), grad(model_loss, argnums=1)
    assert np.isclose(gradient(model, 0.3), 6 * np.cos(1.8))
    monkeypatch.setattr(Model, "reg", lambda self, y: y * 5)
    assert np.isclose(gradient(model, 0.3), 30 * np.cos(1.8))


def test_flag_of_a_class_that_is_named(monkeypatch: Any) -> None:
    gradient = grad(config_loss)
    assert gradient(0.3) == 3.0
    monkeypatch.setattr(Config, "flag", False)
    assert gradient(0.3) == 0.6


def test_flag_of_a_module(monkeypatch: Any) -> None:
    gradient = grad(settings_loss)
    assert gradient(0.3) == 3.0
    monkeypatch.setattr(settings, "flag", False)
    assert gradient(0.3) == 0.6
