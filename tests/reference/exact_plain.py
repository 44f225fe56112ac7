"""The year of a recipe by plain means: one lattice, one transform, three resolutions.

It shares no code with the package. A severity is spread over a lattice so that its mean is kept
(Gerber's first order: second differences of the stop-loss premium); single values lie on it. A
rate is averaged by as many nodes as it takes until twice as many say the same. The transform, half
of it padding, is tilted against wrap-around. Figures err by a multiple of h^2; they are
extrapolated from h, 2h and 4h (Richardson), and twice what two such extrapolations differ by is
stated as the error of the reference.
"""

import json
from functools import lru_cache

import numpy as np
from exact_events import Event, excess, shapes, square
from scipy import special, stats

POINTS = 1 << 18
TILT = 20.0
DEEP = 45.0  # exp(-DEEP) is nothing
LEVELS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
TAILS = {"tvar95": 0.95, "tvar99": 0.99}
STEP = 0.01  # of a known share of an asset: all are whole multiples
COUNTS = 4096  # events in a year that costs known shares of an asset: more have no chance
FEWEST = 1e-18  # a chance that is left out


def nodes(belief, count):
    """Values and weights that average over a held belief."""
    kind, b = belief["type"], belief
    if kind == "point":
        return np.array([b["value"]]), np.ones(1)
    if kind == "uniform":
        t, w = special.roots_legendre(count)
        return b["low"] + (b["high"] - b["low"]) * (1 + t) / 2, w / 2
    if kind == "pert":
        a, c = shapes(b)
        t, w = special.roots_jacobi(count, c - 1, a - 1)
        return b["low"] + (b["high"] - b["low"]) * (1 + t) / 2, w / w.sum()
    z = np.linspace(-8.6, 8.6, 4 * count)
    w = np.exp(-z * z / 2)
    return np.exp(b["mu"] + b["sigma"] * z), w / w.sum()


def moments(belief):
    """E[Y] and E[Y^2] of a held belief."""
    return float(excess(belief, np.array(0.0))), square(belief)


def generating(count, rate, phi):
    """E[phi^N] given the rate, by which phi is one array of transforms."""
    kind = count["type"]
    if kind == "poisson":
        return np.exp(rate * (phi - 1))
    if kind == "negative_binomial":
        extra = count["dispersion"] - 1
        return np.exp(-rate / extra * np.log(1 - extra * (phi - 1)))
    trials = 1 if kind == "bernoulli" else count["trials"]
    return (1 + rate / trials * (phi - 1)) ** trials


def enough(of, tolerance=1e-13):
    """Return the least of 16, 32, ... nodes after which twice as many say the same."""
    count, known = 8, of(8)
    while count < 1024:
        count, before = 2 * count, known
        known = of(count)
        if np.abs(known - before).max() < tolerance * max(np.abs(known).max(), 1):
            break
    return count


@lru_cache(maxsize=256)
def rate_nodes(count, rate):
    """Values and weights that average the generating function wherever |phi| <= 1, as on its edge.

    Both are given as text, so that they can be kept.
    """
    counted, held = json.loads(count), json.loads(rate)
    edge = np.exp(1j * np.pi * np.concatenate([[0], np.geomspace(1e-6, 1, 300)]))

    def of(size):
        values, weights = nodes(held, size)
        return sum(w * generating(counted, v, edge) for v, w in zip(values, weights, strict=True))

    return nodes(held, enough(of))


def averaged(count, rate, phi):
    """E[phi^N] over what is believed of the rate."""
    if rate["type"] == "point":
        return generating(count, rate["value"], phi)
    steady = count["type"] in ("poisson", "negative_binomial")
    g = phi - 1
    if count["type"] == "negative_binomial":
        extra = count["dispersion"] - 1
        g = -np.log(1 - extra * g) / extra
    if steady and rate["type"] == "gamma":
        return np.exp(-rate["shape"] * np.log(1 - rate["scale"] * g))
    values, weights = rate_nodes(json.dumps(count), json.dumps(rate))
    if not steady:
        return sum(w * generating(count, v, phi) for v, w in zip(values, weights, strict=True))
    order = np.argsort(-g.real)
    ordered = g[order]
    deep = -ordered.real
    found = np.zeros_like(phi)
    for value, weight in zip(values, weights, strict=True):
        live = int(np.searchsorted(deep, DEEP / value, side="right")) if value > 0 else phi.size
        found[:live] += weight * np.exp(value * ordered[:live])
    back = np.empty_like(found)
    back[order] = found
    return back


def plan_transform(plan, h, size, which):
    """Transform of a plan's year on the lattice (0), or of the years on single values alone (1)."""
    tilt = np.exp(-TILT / size * np.arange(size))

    def transformed(event):
        return np.fft.rfft(event.masses(h, size)[which] * tilt, 2 * size)

    phi = transformed(Event(plan["severity"], plan.get("terms")))
    more = plan.get("secondary")
    if more is None:
        return averaged(plan["count"], plan["rate"], phi)
    rise = transformed(Event(more["amount"])) - 1
    if more["share"]["type"] == "point":
        return averaged(plan["count"], plan["rate"], phi * (1 + more["share"]["value"] * rise))
    some = np.unique(np.geomspace(1, phi.size, 500).astype(int)) - 1

    def of(count, at=some):
        return sum(
            w * averaged(plan["count"], plan["rate"], phi[at] * (1 + q * rise[at]))
            for q, w in zip(*nodes(more["share"], count), strict=True)
        )

    return of(enough(of), slice(None))


def year(study, h, size):
    """Masses of the year at 0, h, 2h, ..., and those of the years on single values alone."""
    tilt = np.exp(-TILT / size * np.arange(size))
    shared = [plan for plan in study["plans"] if plan.get("on_asset")]
    lattice = []
    for which in (0, 1):
        total = np.ones(size + 1, dtype=complex)
        for plan in study["plans"]:
            if not plan.get("on_asset"):
                total = total * plan_transform(plan, h, size, which)
        if shared:
            single = np.eye(1, size)[0] * no_loss({"plans": shared})
            masses = asset_masses(shared, study["asset"], h, size) if which == 0 else single
            total = total * np.fft.rfft(masses * tilt, 2 * size)
        lattice.append(np.fft.irfft(total, 2 * size)[:size] / tilt)
    return lattice


def asset_masses(shared, asset, h, size):
    """Masses of the year of plans that are shares of one asset A, from its stop-loss premium.

    The year is A S, where S counts in shares of the asset: E[(A S - x)+] is the average of
    A E[(S - x / A)+] over A, or of S E[(A - x / S)+] over S where S has single values only.
    """
    x = h * np.arange(size + 1)
    alone = {"plans": [{**plan, "on_asset": False} for plan in shared]}
    if known_shares({"plans": shared}):
        shares = np.ones(1)
        for plan in shared:
            shares = np.convolve(shares, cost_in_steps(plan))
        kept = np.flatnonzero(shares > FEWEST)
        above = sum(shares[k] * k * STEP * excess(asset, x / (k * STEP)) for k in kept[kept > 0])
    else:
        reach = 1.0
        while (end := ShareCurve(alone, reach, 1 << 13).end()) is None:
            reach *= 4
        fine = ShareCurve(alone, 2 * end, size)
        some = x[np.unique(np.geomspace(1, size, 300).astype(int))]

        def of(count, at=some):
            pairs = zip(*nodes(asset, count), strict=True)
            return sum(w * a * fine.premium(at / a) for a, w in pairs)

        above = of(enough(of, 1e-11), x)
    slope = np.append(1.0, -np.diff(above) / h)
    return slope[:-1] - slope[1:]


def known_shares(study):
    """Whether every event on the asset costs a known share of it."""
    shared = [plan for plan in study["plans"] if plan.get("on_asset")]
    return all(plan["severity"]["type"] == "point" for plan in shared)


def cost_in_steps(plan):
    """Chances of what a plan costs in a year, in steps of the share; every event costs one value.

    They come from the chances of its counts, added up, so that no rounding stands where there is
    no chance.
    """
    n, count, held = np.arange(COUNTS), plan["count"], plan["rate"]

    def of(size):
        pairs = zip(*nodes(held, size), strict=True)
        return sum(w * chances_of_counts(count, rate, n) for rate, w in pairs)

    if count["type"] == "poisson" and held["type"] == "gamma":
        found = stats.nbinom.pmf(n, held["shape"], 1 / (1 + held["scale"]))
    else:
        found = of(enough(of))
    if found[-1] > FEWEST:
        raise ArithmeticError(plan)
    found = found[: int(np.flatnonzero(found > FEWEST)[-1]) + 1]
    each = round(plan["severity"]["value"] / STEP)
    spread = np.zeros(each * (found.size - 1) + 1)
    spread[::each] = found
    return spread


def chances_of_counts(count, rate, n):
    """P(N = n) given the rate."""
    kind = count["type"]
    if kind == "poisson":
        return stats.poisson.pmf(n, rate)
    if kind == "negative_binomial":
        extra = count["dispersion"] - 1
        return stats.nbinom.pmf(n, rate / extra, 1 / (1 + extra))
    trials = 1 if kind == "bernoulli" else count["trials"]
    return stats.binom.pmf(n, trials, rate / trials)


class ShareCurve:
    """The stop-loss premium of a year that is counted in shares."""

    def __init__(self, study, reach, size):
        self.h = reach / size
        below = np.cumsum(np.cumsum(year(study, self.h, size)[0]))
        self.s = self.h * np.arange(size // 2)  # farther up rounding is to be seen
        self.mean = closed_moments(study)[0]
        self.at = self.mean - self.s + self.h * np.append(0.0, below[: size // 2 - 1])

    def end(self):
        """Return where nothing is left, None beyond the lattice."""
        nothing = np.flatnonzero(self.at < 1e-12 * self.mean)
        return float(self.s[nothing[0]]) if nothing.size else None

    def premium(self, s):
        """E[(S - s)+]."""
        cell = np.minimum((s / self.h).astype(int), self.at.size - 2)
        place = np.clip(s / self.h - cell, 0.0, 1.0)
        straight = self.at[cell] + place * (self.at[cell + 1] - self.at[cell])
        around = np.clip(cell, 1, self.at.size - 3)
        bend = self.at[around + 2] + self.at[around - 1] - self.at[around + 1] - self.at[around]
        return np.maximum(straight - place * (1 - place) / 4 * bend, 0.0)


def no_loss(study):
    """P(no loss) before terms of the year."""
    chance = 1.0
    for plan in study["plans"]:
        free = 0.0
        if plan.get("terms") is not None:
            free = Event(plan["severity"], plan["terms"]).points()[0.0]
        at = np.array([1.0, free], dtype=complex)
        chance *= averaged(plan["count"], plan["rate"], at)[1].real
    return float(chance)


def closed_moments(study):
    """Mean and variance of the year in closed form, before terms of the year."""
    mean = variance = 0.0
    on_it = [0.0, 0.0]
    for plan in study["plans"]:
        event = Event(plan["severity"], plan.get("terms"))
        first, second = float(event.above(np.array(0.0))), event.square()
        rate, squared = moments(plan["rate"])
        one, two, mixed = first, first**2, second
        if (more := plan.get("secondary")) is not None:
            q, qq = moments(more["share"])
            rise = float(excess(more["amount"], np.array(0.0)))
            one = first + q * rise
            two = first**2 + 2 * first * rise * q + rise**2 * qq
            mixed = second + q * (2 * first * rise + square(more["amount"]))
        counted = {
            "poisson": rate,
            "negative_binomial": plan["count"].get("dispersion", 1) * rate,
            "bernoulli": rate - squared,
            "binomial": rate - squared / plan["count"].get("trials", 1),
        }[plan["count"]["type"]]
        spread = rate * (mixed - two) + counted * two + squared * two - (rate * one) ** 2
        if plan.get("on_asset"):
            on_it[0] += rate * one
            on_it[1] += spread
        else:
            mean, variance = mean + rate * one, variance + spread
    if "asset" in study:
        worth, worth2 = moments(study["asset"])
        whole = worth * on_it[0]
        mean += whole
        variance += worth2 * (on_it[1] + on_it[0] ** 2) - whole**2
    return mean, variance
