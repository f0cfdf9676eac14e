"""Parameters of an ordinary differential equation, fitted by the gradient of its solution.

Hares and lynxes were counted each year (the first twenty of the numbers of the Hudson's Bay
Company, in thousands). Lotka and Volterra say how many there are of each, given four rates and the
first two numbers; the gradient of the misfit by all six comes from one adjoint equation.
"""

import numpy as np

from adjoint import value_and_grad

YEARS = np.arange(20.0)
HARES = np.array([30, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22, 25.4,
                  27.1, 40.3, 57, 76.6, 52.3, 19.5, 11.2, 7.6, 14.6, 16.2])  # fmt: skip
LYNXES = np.array([4, 6.1, 9.8, 35.2, 59.4, 41.7, 19, 13, 8.3, 9.1,
                   7.4, 8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7, 10.1])  # fmt: skip
COUNTED = np.log(np.stack([HARES, LYNXES]))


def main():
    try:
        from scipy.integrate import solve_ivp
        from scipy.optimize import minimize
    except ImportError:
        print("scipy is not installed; this example needs it: pip install scipy")
        return

    def growth(t, numbers, birth, hunt, death, gain):
        hares, lynxes = numbers
        return [(birth - hunt * lynxes) * hares, (gain * hares - death) * lynxes]

    def misfit(logs):
        rates, first = np.exp(logs[:4]), np.exp(logs[4:])
        sol = solve_ivp(
            growth, (0.0, 19.0), first, args=tuple(rates), t_eval=YEARS, rtol=1e-7, atol=1e-7
        )
        return np.sum((np.log(sol.y) - COUNTED) ** 2)

    start = np.log([0.5, 0.02, 0.8, 0.02, 30.0, 4.0])
    step = value_and_grad(misfit)
    print(f"the misfit is {misfit(start):.2f} at the start")
    found = minimize(step, start, jac=True, method="BFGS", options={"gtol": 1e-3})
    source = step.source
    print(f"the generated function:\n\n{source[source.index('def growth_vjp') :]}\n")
    birth, hunt, death, gain = np.exp(found.x[:4])
    print(f"the misfit is {found.fun:.2f} after {found.nit} steps and {found.nfev} gradients")
    print(f"hares: {birth:.3f} born each, {hunt:.4f} caught by each lynx")
    print(f"lynxes: {death:.3f} die each, {gain:.4f} more for each hare")


if __name__ == "__main__":
    main()
