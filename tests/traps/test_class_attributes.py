"""Class and module attributes that change between calls of one gradient."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from adjoint import Unsupported, grad


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


class Made:
    def __new__(cls, x: Any) -> Any:
        made = super().__new__(cls)
        made.x = x * 2
        return made


class Doubling(type):
    def __call__(cls, *args: Any) -> Any:
        made = super().__call__(*args)
        made.w = made.w * 2
        return made


class Doubled(Model, metaclass=Doubling):
    pass


class Hidden(Model):
    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        return found * 2 if name == "w" else found


@pytest.mark.parametrize("cls", [Made, Doubled, Hidden])
def test_class_with_a_protocol_that_is_not_followed_is_refused(cls: Any) -> None:
    with pytest.raises(Unsupported, match=cls.__name__):
        grad(lambda x: cls(x).w * x)(1.3)


def test_object_that_hides_its_attributes_is_refused_as_an_argument() -> None:
    with pytest.raises(Unsupported, match="__getattribute__"):
        grad(lambda x, model: model.w * x)(1.3, Hidden(2.0))
