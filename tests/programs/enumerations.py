"""Names that are one member of an enumeration after the other: phases, gears, kinds of objects."""

from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto

import numpy as np

from tests.programs import program

X = np.array([0.45, 0.9, 0.7, -1.1, 0.6, -0.3, 0.8])


class Phase(Enum):
    IDLE = 0
    RUN = 1
    DONE = 2


class Kind(Enum):
    SOFT = "soft"
    HARD = "hard"


class Gear(IntEnum):
    LOW = 1
    MID = 2
    HIGH = 3


class Label(StrEnum):
    LOW = "low"
    HIGH = "high"


class Seen(Flag):
    LOW = auto()
    HIGH = auto()


class Bits(IntFlag):
    LOW = auto()
    HIGH = auto()


@program(X, peer=False)
def phases_by_identity(x):
    phase, total = Phase.IDLE, 0.0
    for v in x:
        if phase is Phase.IDLE:
            total += v
            if v > 0.5:
                phase = Phase.RUN
        elif phase is Phase.RUN:
            total += v * v
            if v < 0:
                phase = Phase.DONE
        else:
            total += np.sin(v)
    return total


class Machine:
    def __init__(self, gain):
        self.state = Phase.IDLE
        self.gain = gain
        self.total = 0.0

    def step(self, v):
        match self.state:
            case Phase.IDLE:
                self.total += v
                if v > 0.5:
                    self.state = Phase.RUN
            case Phase.RUN:
                self.total += self.gain * v**2
                if v < 0:
                    self.state = Phase.DONE
            case Phase.DONE:
                self.total += v**3


@program(X, 0.7, peer=False)
def machine_with_a_state(x, gain):
    machine = Machine(gain)
    for v in x:
        machine.step(v)
    return machine.total


@program(X, peer=False)
def gears_are_numbers(x):
    gear, total = Gear.LOW, 0.0
    ratios = np.array([0.5, 1.5, 2.5, 3.5])
    for v in x:
        if v > 0.5 and gear < Gear.HIGH:
            gear = Gear(gear + 1)
        elif v < 0 and gear > Gear.LOW:
            gear = Gear(gear - 1)
        total += ratios[gear] * v + gear * v**2
        if gear is Gear.HIGH:
            total *= 1 + v**2
    return total


@program(X, peer=False)
def gears_beside_numbers(x):
    gear, total = Gear.LOW, 0.0
    for v in x:
        gear = gear + 1 if v > 0 else Gear.LOW
        total += v**2 * gear
    return total


@program(X, peer=False)
def tables_by_phase(x):
    after = {Phase.IDLE: Phase.RUN, Phase.RUN: Phase.DONE, Phase.DONE: Phase.IDLE}
    time = dict.fromkeys(Phase, 0.0)
    phase = Phase.IDLE
    for v in x:
        if v > 0:
            phase = after[phase]
        time[phase] += v**2
    return time[Phase.IDLE] * time[Phase.RUN] + time[Phase.DONE]


@program(X, peer=False)
def phase_by_its_value(x):
    phase, total = Phase.IDLE, 0.0
    rows = np.zeros((3, len(x)))
    for i, v in enumerate(x):
        rows[phase.value, i] = v**2
        total += rows[phase.value, i] * (phase.value + 1) if phase in (Phase.RUN, Phase.DONE) else v
        if v > 0:
            phase = Phase((phase.value + 1) % 3)
    return total + rows[1] @ rows[2] + np.sum(rows[0] ** 2)


@program(X, np.array([0, 1, 2, 0, 1, 2, 2]), peer=False)
def phases_by_numbers_of_an_array(x, numbers):
    total = 0.0
    for v, number in zip(x, numbers):
        total += v if Phase(number) is Phase.IDLE else v**2
    return total


@program(X, peer=False)
def two_machines(x):
    phase, gear, total = Phase.IDLE, Gear.LOW, 0.0
    for v in x:
        if phase is Phase.IDLE and gear is Gear.LOW:
            total += v
        elif phase == Phase.RUN or gear == Gear.MID:
            total += v**2
        else:
            total += v**3
        phase = Phase.IDLE if v > 0.65 else Phase.DONE
        gear = Gear(3 - gear) if v > 0 else gear
    return total


@program(X, peer=False)
def none_or_a_phase(x):
    phase, total = None, 0.0
    for v in x:
        if phase is None:
            total += v
        elif phase is Phase.RUN:
            total += v**2
        else:
            total += v**3
        phase = None if v < 0 else Phase.RUN if v > 0.65 else Phase.DONE
    return total


@program(X, peer=False)
def while_not_done(x):
    phase, total, k = Phase.IDLE, 0.0, 0
    while phase is not Phase.DONE:
        if phase is Phase.IDLE:
            total += x[k]
            if total > 1.0:
                phase = Phase.RUN
        elif phase is Phase.RUN:
            total *= x[k] + 1.0
            if k > 3:
                phase = Phase.DONE
        k += 1
    return total


@program(X, peer=False)
def labels_are_texts(x):
    label, total = Label.LOW, 0.0
    for v in x:
        total += v if label == "low" else v**2
        label = Label.HIGH if v > 0.5 else Label.LOW
    return total


class Counter:
    def __init__(self):
        self.seen, self.bits = Seen(0), Bits(0)


@program(X, peer=False)
def flags_are_added(x):
    counter, total = Counter(), 0.0
    for v in x:
        counter.seen |= Seen.HIGH if v > 0.5 else Seen.LOW
        counter.bits |= Bits.HIGH if v > 0.65 else Bits.LOW
        total += v if counter.seen == Seen.LOW else v**2
        if counter.bits & Bits.HIGH:
            total += int(counter.bits) * np.sin(v)
    return total


@program(X, peer=False)
def history_of_phases(x):
    history, phase = [], Phase.IDLE
    for v in x:
        phase = Phase.RUN if v > 0.5 else Phase.DONE
        history.append(phase)
    total = 0.0
    for v, phase in zip(x, history):
        total += v * phase.value if phase is Phase.RUN else v**3
    return total


class Spring:
    def __init__(self, kind, pull):
        self.kind, self.pull = kind, pull

    def step(self):
        if self.kind is Kind.SOFT and self.pull > 0.5:
            self.kind = Kind.HARD
        elif self.kind is Kind.HARD:
            self.pull = self.pull * 0.5


@program(X, peer=False)
def objects_of_kinds(x):
    springs = [Spring(Kind.SOFT if v > 0 else Kind.HARD, v) for v in x]
    for _ in range(3):
        for spring in springs:
            spring.step()
    total = 0.0
    for spring in springs:
        if spring.kind is Kind.SOFT:
            total += spring.pull
        elif spring.kind == Kind.HARD:
            total += spring.pull**2
    return total


@program({Phase.IDLE: 1.3, Phase.RUN: 0.4}, {(Gear.LOW, "a"): X}, peer=False)
def dicts_that_came_in(rates, series):
    return rates[Phase.IDLE] * np.sin(rates[Phase.RUN]) + series[Gear.LOW, "a"] @ X


def following(phase, v):
    if phase is Phase.IDLE:
        return Phase.RUN if v > 0.5 else Phase.IDLE
    return Phase.DONE if phase is Phase.RUN and v < 0 else phase


@program(X, peer=False)
def phase_of_a_function(x):
    apply = {Phase.IDLE: lambda v: v, Phase.RUN: np.square, Phase.DONE: np.cos}
    phase, total = Phase.IDLE, 0.0
    for v in x:
        phase = following(phase, v)
        total += apply[phase](v)
    return total
