"""Complex numbers between real arguments and a real result."""

import cmath

import numpy as np

from tests.programs import program

SIGNAL = np.array([0.4, -1.1, 0.7, 1.9, -0.3, 0.2])
PHASES = np.array([0.3, -1.2, 0.8, 2.1, -0.4, 0.9])


@program(0.3, 0.5, 12, peer=False)
def smooth_escape_count(x, y, limit):
    """The smooth number of steps in which a point leaves the Mandelbrot set."""
    c, z, n = complex(x, y) * 1.7, 0j, 0
    while abs(z) < 40.0 and n < limit:
        z = z * z + c
        n += 1
    return n + 1 - cmath.log(cmath.log(abs(z)).real).real / np.log(2.0)


@program(0.8, 1.3, np.array([0.3, -0.5, 1.1]), peer=False)
def quantum_evolution(mass, frequency, start):
    """Crank-Nicolson steps of a wave function, and where it is."""
    n = len(start)
    hamiltonian = np.diag(frequency * np.arange(n) ** 2 + 0j)
    for i in range(n - 1):
        hamiltonian[i, i + 1] = hamiltonian[i + 1, i] = -0.5 / mass
    psi = start * np.exp(1j * np.arange(n))
    psi = psi / np.sqrt(np.sum(np.abs(psi) ** 2))
    forward, backward = np.eye(n) - 0.05j * hamiltonian, np.eye(n) + 0.05j * hamiltonian
    for _ in range(4):
        psi = np.linalg.solve(backward, forward @ psi)
    return np.vdot(psi, np.arange(n) * psi).real


@program(0.5, 0.2, 0.9, np.array([0.8, 2.0, 3.5]), peer=False)
def resonant_circuit(resistance, inductance, capacity, frequencies):
    """The power that parallel branches take, in kiloohms and milliseconds."""
    total = 0.0
    for k, omega in enumerate(frequencies):
        branches = [resistance, 1j * omega * inductance, 1 / (1j * omega * capacity)]
        admittance = sum(1 / z for z in branches)
        impedance = 1 / admittance + resistance * (k + 1)
        current = 12.0 / impedance
        total += (k + 0.5) * abs(current) ** 2 * impedance.real + 0.01 * cmath.phase(current)
    return total


@program(PHASES, np.abs(np.fft.fft(SIGNAL)))
def phase_retrieval(phases, magnitudes):
    """How far a signal is from being real, whose spectrum has these phases."""
    spectrum = magnitudes * np.exp(1j * phases)
    signal = np.fft.ifft(spectrum)
    again = np.fft.fft(np.maximum(np.real(signal), 0.1))
    misfit = np.abs(again) - magnitudes
    return np.sum(misfit**2) + np.sum(np.imag(signal) ** 2)


@program(SIGNAL, 3, peer=False)
def transform_by_hand(signal, count):
    """A discrete Fourier transform written out, term by term into an array."""
    n = len(signal)
    found = np.zeros(count, dtype=complex)
    for k in range(count):
        for j in range(n):
            found[k] += signal[j] * cmath.exp(-2j * cmath.pi * j * k / n)
    return np.sum(np.abs(found) * np.arange(1, count + 1))


@program(SIGNAL)
def fast_transform_by_halves(signal):
    """A recursive transform of a length that is twice an odd one."""

    def transform(values):
        n = len(values)
        if n % 2:
            table = np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n)
            return table @ values
        even, odd = transform(values[::2]), transform(values[1::2])
        turned = odd * np.exp(-2j * np.pi * np.arange(n // 2) / n)
        return np.concatenate([even + turned, even - turned])

    spectrum = transform(signal)
    return np.sum(np.abs(spectrum[1:3]) ** 3) + np.imag(spectrum[4])


@program(0.7, -0.4, peer=False)
def parts_written(x, y):
    """Real and imaginary parts written and read again."""
    z = np.zeros(3, dtype=complex)
    z.real = [x, x * y, 1.0]
    z.imag[1:] = y
    z[0] += 1j * x**2
    w = z.copy()
    w.real *= 2.0
    w[2] = w[1] * z[0].conjugate()
    return np.abs(w[2]) + 3.0 * w.imag[1] * w.real[0]


@program(np.array([0.2, 0.9, -0.4]), 0.7)
def transfer_matrices(depths, wavelength):
    """How much light a stack of layers lets through."""
    whole = np.eye(2, dtype=complex)
    for k, depth in enumerate(depths):
        index = 1.3 + 0.2 * k - 0.01j
        phase = 2 * np.pi * index * (1.0 + depth) / wavelength
        layer = np.array(
            [
                [np.cos(phase), 1j * np.sin(phase) / index],
                [1j * index * np.sin(phase), np.cos(phase)],
            ]
        )
        whole = whole @ layer
    field, flux = whole @ np.array([1.0, 1.5])
    reflected = (field - flux) / (field + flux)
    return 1.0 - abs(reflected) ** 2


@program(np.array([1.0, -0.7, 0.4, 0.9]), peer=False)
def roots_by_durand_kerner(coefficients):
    """All roots of a polynomial at once, each moved by what the others say."""
    n = len(coefficients) - 1
    roots = (0.4 + 0.9j) ** np.arange(n)
    for _ in range(6):
        for i in range(n):
            product = coefficients[0]
            for j in range(n):
                if j != i:
                    product = product * (roots[i] - roots[j])
            value = 0.0
            for c in coefficients:
                value = value * roots[i] + c
            roots[i] = roots[i] - value / product
    return sum(abs(root) ** 2 * (k + 1) for k, root in enumerate(roots))


@program(SIGNAL[:3], 0.4, 2, peer=False)
def complex_buffer_of_which_the_real_part_is_taken(x, c, n):
    a = x.astype(complex)
    for i in range(n):
        a[i] = a[i] * 1j + c * a[i + 1]
        a[i + 1] = a[i] * (1 + 2j)
    parts = a * (1j - c)
    b = parts if c > 0 else a
    b[0] += a[1] * 1j
    return np.sum(PHASES[:3] * np.real(b)) + np.real(b[1]) * a[0].imag


@program(SIGNAL[:6], 0.4, peer=False)
def complex_numbers_written_as_pairs_of_floats(x, c):
    z = np.zeros(3, dtype=complex)
    pairs = z.view(float).reshape(-1, 2)
    pairs[:, 0] = c * x[:3]
    pairs[1:, 1] -= x[3:5] * z.real[:2]
    z *= z[1] + 1j * c
    x.view(complex)[1] *= z[0]
    return np.sum(PHASES[:3] * np.abs(z) ** 2) + np.sum(x**3) + pairs[2, 1]
