"""300 studies as plain data, drawn from one seed: what the exact engine is held against.

A recipe has `plans`, each with a count, a belief of its rate and of its severity, and perhaps terms
of an event (deductible, limit, share), a secondary loss, or terms of the year (deductible, limit);
and perhaps an `asset`, a belief that multiplies the severities of the plans that are `on_asset`.
Beliefs are written as `workbench.distributions.from_dict` reads them. It shares no code with the
package. Numbers have three digits, so that a recipe can be read.
"""

import numpy as np

SEED = 20261128
STUDIES = 300
OFTEN = 400.0  # events / year: above it a rate is held to a narrow range, or is known


def rounded(value):
    """Return the value with three digits."""
    return float(f"{value:.3g}")


class Recipes:
    """Draws recipes, one after another."""

    def __init__(self, seed=SEED):
        self.words = np.random.default_rng(seed)

    def among(self, low, high):
        """Draw a number, evenly on the logarithm."""
        return rounded(np.exp(self.words.uniform(np.log(low), np.log(high))))

    def chance(self, p):
        """Say yes with chance p."""
        return bool(self.words.random() < p)

    def one_of(self, *choices):
        """Draw one of the choices."""
        return choices[int(self.words.integers(len(choices)))]

    def rate(self):
        """Draw a belief about a rate, from 1e-6 to 1e5 events a year."""
        usual = self.among(*self.one_of((1e-6, 1e-2), (1e-2, 1), (0.1, 10), (1, 300), (300, 1e5)))
        kind = self.one_of("point", "point", "gamma", "pert", "lognormal", "uniform")
        if kind == "point":
            return {"type": "point", "value": usual}
        if kind == "gamma":
            shape = self.among(0.3, 8) if usual < OFTEN else self.among(8, 100)
            return {"type": "gamma", "shape": shape, "scale": rounded(usual / shape)}
        wide = 1.0 if usual < OFTEN else 0.15
        if kind == "lognormal":
            return {
                "type": "lognormal",
                "mu": rounded(np.log(usual)),
                "sigma": rounded(wide * self.words.uniform(0.2, 1)),
            }
        low = rounded(usual * (1 - wide * self.words.random()))
        high = rounded(usual * (1.01 + 3 * wide * self.words.random()))
        if kind == "uniform":
            return {"type": "uniform", "low": low, "high": high}
        return {"type": "pert", "low": low, "mode": usual, "high": high}

    def chance_of_one(self, most):
        """Draw a belief about a rate of at most `most` events a year."""
        kind = self.one_of("point", "point", "pert", "uniform")
        if kind == "point":
            return {"type": "point", "value": self.among(1e-4 * most, most)}
        low, mode, high = sorted(self.among(1e-3 * most, most) for _ in range(3))
        if kind == "uniform":
            return {"type": "uniform", "low": low, "high": max(high, rounded(1.01 * low))}
        return {"type": "pert", "low": low, "mode": mode, "high": high}

    def often(self):
        """Draw a count and its rate."""
        kind = self.one_of("poisson", "poisson", "negative_binomial", "binomial", "bernoulli")
        if kind == "poisson":
            return {"type": kind}, self.rate()
        if kind == "negative_binomial":
            return {"type": kind, "dispersion": rounded(1 + self.among(0.05, 6))}, self.rate()
        if kind == "bernoulli":
            return {"type": kind}, self.chance_of_one(1.0)
        trials = self.one_of(4, 12, 52, 365)
        return {"type": kind, "trials": trials}, self.chance_of_one(float(trials))

    def severity(self):
        """Draw a belief about the loss of one event, most of it from 1e3 to 1e7."""
        kind = self.one_of("lognormal", "lognormal", "pareto", "gamma", "pert", "point", "mixture")
        if kind == "mixture":
            weight = rounded(self.words.uniform(0.1, 0.9))
            parts = [
                self.plain_severity("lognormal"),
                self.plain_severity(self.one_of("point", "gamma", "pert")),
            ]
            return {"type": "mixture", "parts": parts, "weights": [weight, rounded(1 - weight)]}
        return self.plain_severity(kind)

    def plain_severity(self, kind):
        """Draw one of the plain families."""
        usual = self.among(1e3, 1e6)
        if kind == "lognormal":
            sigma = rounded(self.words.uniform(0.3, 2.5))
            return {"type": kind, "mu": rounded(np.log(usual)), "sigma": sigma}
        if kind == "pareto":
            return {"type": kind, "alpha": rounded(self.words.uniform(1.5, 4)), "low": usual}
        if kind == "gamma":
            return {"type": kind, "shape": self.among(0.4, 9), "scale": usual}
        if kind == "point":
            return {"type": kind, "value": 1000.0 * self.one_of(1, 2, 5, 10, 20, 50, 100)}
        return {
            "type": "pert",
            "low": rounded(usual * self.words.random()),
            "mode": usual,
            "high": rounded(usual * (1.2 + 9 * self.words.random())),
        }

    def plan(self):
        """Draw a plan without an asset."""
        count, rate = self.often()
        plan = {"count": count, "rate": rate, "severity": self.severity()}
        extra = self.one_of("none", "none", "none", "terms", "secondary")
        if extra == "terms" and plan["severity"]["type"] in ("lognormal", "gamma", "pert"):
            deductible = 1000.0 * self.one_of(0, 1, 2, 5, 10)
            limit = 1000.0 * self.one_of(20, 50, 100, 200, 500)
            plan["terms"] = [deductible, limit, self.one_of(0.5, 1.0, 1.0)]
        if extra == "secondary":
            low, high = sorted(rounded(self.words.random()) for _ in range(2))
            known = {"type": "point", "value": high}
            held = {"type": "uniform", "low": low, "high": high + 0.001}
            plan["secondary"] = {
                "share": self.one_of(known, held) if most(rate) < OFTEN else known,
                "amount": self.plain_severity(self.one_of("lognormal", "gamma")),
            }
        return plan

    def on_asset(self, *, known):
        """Draw a plan that costs a share of an asset, a known one or not."""
        while True:
            count, rate = self.often()
            if most(rate) < 40:
                break
        low, mode, high = sorted(rounded(self.words.random()) for _ in range(3))
        share = self.one_of(
            {"type": "uniform", "low": low, "high": rounded(high + 0.01)},
            {"type": "pert", "low": low, "mode": mode, "high": rounded(high + 0.001)},
        )
        if known:
            share = {"type": "point", "value": round(0.01 + mode, 2)}
        return {"count": count, "rate": rate, "severity": share, "on_asset": True}

    def study(self):
        """Draw a study: one scenario, several, or several that share an asset."""
        kind = self.one_of("single", "single", "single", "portfolio", "portfolio", "shared")
        if kind == "portfolio":
            return {"plans": [self.plan() for _ in range(self.one_of(2, 3, 4, 5))]}
        if kind == "shared":
            asset = self.one_of(
                {"type": "lognormal", "mu": 14.0, "sigma": rounded(self.words.uniform(0.2, 1))},
                {"type": "uniform", "low": 5e5, "high": self.among(6e5, 5e6)},
                {"type": "pert", "low": 2e5, "mode": 1e6, "high": self.among(2e6, 9e6)},
            )
            known = self.chance(0.25)
            plans = [self.on_asset(known=known) for _ in range(self.one_of(1, 2, 2, 3))]
            plans += [self.plan() for _ in range(self.one_of(0, 0, 1))]
            return {"plans": plans, "asset": asset}
        plan = self.plan()
        if self.chance(0.15) and most(plan["rate"]) < OFTEN:
            plan["annual"] = [1000.0 * self.one_of(0, 10, 50), 1000.0 * self.one_of(100, 500, 2000)]
        return {"plans": [plan]}


def most(rate):
    """Return about the highest rate of a belief."""
    ends = {
        "point": lambda: rate["value"],
        "gamma": lambda: 2 * rate["shape"] * rate["scale"],
        "lognormal": lambda: np.exp(rate["mu"] + 2 * rate["sigma"]),
    }
    return ends[rate["type"]]() if rate["type"] in ends else rate["high"]


def recipes(count=STUDIES, seed=SEED):
    """Draw the studies."""
    drawn = Recipes(seed)
    return [drawn.study() for _ in range(count)]
