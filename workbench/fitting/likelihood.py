r"""Maximum likelihood with truncation, censoring and weights, and what its curvature says.

.. math:: \ell(\theta) = \sum_i w_i\,[(1 - c_i) \log f(x_i) + c_i \log S(x_i) - \log S(t_i)]

with c = 1 for a censored amount and t the point where amounts are first seen. Source: Klugman,
Panjer and Willmot, Loss Models, chapter on maximum likelihood with modified data.
"""

from collections.abc import Callable

import numpy as np
from scipy import optimize

from workbench.distributions import Array
from workbench.errors import WorkbenchError
from workbench.fitting.data import Amounts
from workbench.fitting.families import Family

FARTHEST = 40.0  # |log| of a positive parameter: beyond that the search has left all data
EDGE = 14.0  # a parameter that reaches e^14 of its unit, or its inverse, has no value in the data
STEP = 2e-4  # of the central differences, in log parameters or units of a standard deviation
IMPOSSIBLE = 1e12  # what the search sees of a parameter under which the data cannot be


def natural(family: Family, z: Array) -> Array:
    """Return the parameters that the search knows by `z`."""
    return np.where(family.positive, np.exp(np.clip(z, -FARTHEST, FARTHEST)), z)


def log_likelihood(family: Family, parameters: Array, data: Amounts, low: float) -> float:
    """Return the log likelihood; minus infinity where the data cannot be."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        density = family.log_density(data.values, parameters, low)
        survival = family.log_survival(data.values, parameters, low)
        terms = np.where(data.is_censored, survival, density)
        if data.entry.any():
            terms = terms - family.log_survival(data.entry, parameters, low)
        total = float(data.weights @ terms)
    return total if np.isfinite(total) else -np.inf


def maximise(family: Family, data: Amounts, low: float) -> tuple[Array, float]:
    """Return the searched parameters z, shape (k,), and the log likelihood at its top.

    Raises
    ------
    WorkbenchError
        where no starting value gives the data any likelihood, and where the search runs to the
        edge of the family: its limit, with fewer parameters, fits as well

    """

    def cost(z: Array) -> float:
        value = -log_likelihood(family, natural(family, z), data, low)
        beyond = float(np.maximum(np.abs(z) - FARTHEST, 0).sum())
        return min(value, IMPOSSIBLE) + beyond

    def search(z: Array, precision: float) -> tuple[float, Array]:
        options = {"xatol": precision, "fatol": precision / 10, "maxiter": 4000, "maxfev": 4000}
        found = optimize.minimize(cost, z, method="Nelder-Mead", options=options)
        return float(found.fun), np.asarray(found.x)

    tops = []
    for guess in family.start(data.seen, low):
        first = np.where(family.positive, np.log(np.maximum(guess, 1e-12)), guess)
        tops.append(search(first, 1e-2))
    value, z = min(tops, key=lambda top: top[0])
    if value >= IMPOSSIBLE:
        rule = f"a {family.name} gives the data some likelihood"
        raise WorkbenchError(f"{rule}; got none at any start. Leave this family out.")
    value, z = search(z, 1e-9)
    edge = np.abs(z) > EDGE
    if edge.any():
        name = family.parameters[int(np.argmax(edge))]
        rule = f"a {family.name} that fits has a finite {name} above 0"
        raise WorkbenchError(
            f"{rule}; got {natural(family, z).tolist()}, still moving. A simpler family is enough."
        )
    return z, -value


def hessian(function: Callable[[Array], float], z: Array) -> Array:
    """Second derivatives of `function` at `z` by central differences, shape (k, k)."""
    k = z.size
    found = np.empty((k, k))
    moves = np.eye(k) * STEP * np.maximum(np.abs(z), 1.0)
    sizes = np.diag(moves)
    for i in range(k):
        for j in range(i, k):
            a, b = moves[i], moves[j]
            cross = function(z + a + b) - function(z + a - b)
            cross = cross - function(z - a + b) + function(z - a - b)
            found[i, j] = found[j, i] = cross / (4 * sizes[i] * sizes[j])
    return found


def covariance(family: Family, z: Array, data: Amounts, low: float) -> Array | None:
    """Covariance of the natural parameters, the inverse of the observed information, (k, k).

    None where the likelihood is flat or has no top: the data then do not hold the parameters.
    """

    def cost(at: Array) -> float:
        return -log_likelihood(family, natural(family, at), data, low)

    with np.errstate(invalid="ignore"):
        information = hessian(cost, z)
    if not np.isfinite(information).all():
        return None
    sizes, directions = np.linalg.eigh(information)
    if sizes.min() <= 1e-6 * max(float(sizes.max()), 1e-300):
        return None
    inverse = directions @ np.diag(1 / sizes) @ directions.T
    slope = np.where(family.positive, natural(family, z), 1.0)  # d parameter / d z
    return np.asarray(inverse * np.outer(slope, slope))
