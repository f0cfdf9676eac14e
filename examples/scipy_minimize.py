"""`value_and_grad` is what scipy.optimize.minimize takes with jac=True."""

import numpy as np

from adjoint import value_and_grad


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def main():
    try:
        from scipy.optimize import minimize
    except ImportError:
        print("scipy is not installed; this example needs it: pip install scipy")
        return
    start = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
    step = value_and_grad(rosenbrock)
    with_gradient = minimize(step, start, jac=True, method="BFGS")
    without = minimize(rosenbrock, start, method="BFGS")
    print(f"the generated function:\n\n{step.source}\n")
    print(f"found {np.round(with_gradient.x, 6)}, the minimum is at {np.ones(5)}")
    print(f"evaluations with the gradient: {with_gradient.nfev}, without it: {without.nfev}")


if __name__ == "__main__":
    main()
