"""Functions and globals that bear the names of others elsewhere."""

import numpy as np

from tests.programs import program

SCALE = -0.4


def square(x):
    return x * x * 11


def times_scale(x):
    return SCALE * square(x)


@program(0.7)
def local_scale(x):
    SCALE = x * x
    return SCALE * times_scale(x)


@program(0.7, 0.4)
def parameter_shadows_global(SCALE, square):
    return SCALE * square + times_scale(SCALE)


@program(0.7)
def parameter_called_like_a_helper(times_scale):
    square = np.sin(times_scale)
    return square * times_scale
