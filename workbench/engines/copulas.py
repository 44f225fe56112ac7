r"""Gaussian and t copulas between scenarios, drawn from addressed words.

.. math:: Z_i = \sum_k a_{ik} F_k + \sqrt{1 - \sum_k a_{ik}^2}\, E_i, \qquad
    U_i = \Phi(Z_i) \text{ or } U_i = t_\nu(Z_i / \sqrt{V / \nu})

with common factors F_k, own noise E_i, all standard normal, and V a chi-square of nu degrees that
all scenarios share. A correlation matrix L L^T gives Z = L E instead. Each U_i is uniform, so that
a scenario keeps its own distribution. Source: McNeil, Frey and Embrechts, Quantitative Risk
Management, 7.3.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy import special

from workbench.distributions import Array
from workbench.engines import correlations
from workbench.engines.correlations import Repair
from workbench.engines.streams import Words
from workbench.errors import require

Family = Literal["gaussian", "t"]

GAUSSIAN = math.inf  # degrees of freedom
# Below 1 a t is wilder than Cauchy's, and no data tell how wild; from 1000 on no data of this world
# tell it from the normal.
LEAST_DEGREES, MOST_DEGREES = 1.0, 1000.0
LEAST, MOST_BY_MATRIX = 2, 200  # scenarios
MOST_FACTORS = 50
LEAST_WORD, MOST_WORD = 2.0**-54, 1 - 2.0**-53  # no quantile is taken at 0 or 1
OWN, CHI_SQUARE = "copula", "chi-square"  # purposes
MOST_IN_SERIES = 40  # degrees of freedom
FITS = 1e-12  # rounding of a sum of squares that is 1


@dataclass(frozen=True, slots=True)
class Copula:
    """How the uniform words of some scenarios go together; see the constructors.

    Raises
    ------
    WorkbenchError
        for fewer than two scenarios, repeated ids, weights whose squares add up to more than 1, or
        degrees of freedom that are neither infinite nor from 1 to 1000.

    """

    name: str  # the owner of the words that are common to all
    ids: tuple[str, ...]  # rising, shape (n,)
    weights: tuple[tuple[float, ...], ...]  # loadings, shape (n, k), or the rows of a lower L
    factors: tuple[str, ...] = ()  # names, shape (k,); none where a matrix was given
    degrees: float = GAUSSIAN
    repair: Repair | None = field(default=None, compare=False)  # of the matrix that was stated

    def __post_init__(self) -> None:
        """Check what the constructors were given."""
        require(
            list(self.ids) == sorted(set(self.ids)) and len(self.ids) >= LEAST,
            "a copula joins two scenarios or more, each named once",
            got=self.ids[:10],
            fix="Name each scenario once.",
        )
        require(
            math.isinf(self.degrees) or LEAST_DEGREES <= self.degrees <= MOST_DEGREES,
            f"a t copula has {LEAST_DEGREES:g} to {MOST_DEGREES:g} degrees of freedom",
            got=self.degrees,
            fix="Losses usually have 3 to 20; more are as good as a gaussian copula.",
        )
        for scenario, row in zip(self.ids, self.weights, strict=True):
            size = math.fsum(a * a for a in row)
            require(
                size <= 1 + FITS,
                f"the squares of the loadings of scenario {scenario} add up to at most 1",
                got=size,
                fix="A loading is the correlation of the scenario with the factor.",
            )

    @classmethod
    def by_factors(
        cls,
        name: str,
        loadings: Mapping[str, Sequence[float]],
        degrees: float = GAUSSIAN,
        factors: tuple[str, ...] = (),
    ) -> "Copula":
        """Return a factor model; `loadings` has one number for each of k factors, -1..1, by id.

        The words of each factor stand under its name in `factors`, or its number.
        """
        ids = tuple(sorted(loadings))
        rows = tuple(tuple(float(a) for a in loadings[scenario]) for scenario in ids)
        widths = {len(row) for row in rows}
        good = len(widths) <= 1 and all(1 <= width <= MOST_FACTORS for width in widths)
        require(
            good,
            f"each scenario has one loading for each factor, and there are 1 to {MOST_FACTORS}",
            got=sorted(widths),
            fix="Write 0 where a scenario does not depend on a factor.",
        )
        numbers = [a for row in rows for a in row]
        require(
            all(-1 <= a <= 1 for a in numbers),
            "a loading lies from -1 to 1",
            got=next((a for a in numbers if not -1 <= a <= 1), None),
            fix="It is the correlation of the scenario with the factor.",
        )
        named = factors or tuple(str(k) for k in range(1, len(rows[0]) + 1) if rows)
        return cls(name, ids, rows, named, degrees)

    @classmethod
    def one_factor(
        cls, name: str, loadings: Mapping[str, float], degrees: float = GAUSSIAN
    ) -> "Copula":
        """Return the model of one common factor."""
        return cls.by_factors(name, {scenario: (a,) for scenario, a in loadings.items()}, degrees)

    @classmethod
    def common(
        cls, name: str, ids: Iterable[str], rank: float, degrees: float = GAUSSIAN
    ) -> "Copula":
        """Return one common factor that gives each pair the same rank correlation `rank`, 0..1."""
        require(
            0 <= rank <= 1,
            "a rank correlation that all pairs share lies from 0 to 1",
            got=rank,
            fix="State negative ones pair by pair: three scenarios cannot all oppose each other.",
        )
        loading = math.sqrt(float(correlations.of_spearman(np.asarray(rank), degrees)))
        return cls.one_factor(name, dict.fromkeys(ids, loading), degrees)

    @classmethod
    def by_matrix(
        cls, name: str, ids: Sequence[str], matrix: Array, degrees: float = GAUSSIAN
    ) -> "Copula":
        """Return the copula with these parameters, shape (n, n), in the order of `ids`.

        A matrix that no copula has is repaired to the nearest that one has; see `repair`.
        """
        require(
            len(ids) <= MOST_BY_MATRIX,
            f"a correlation matrix joins at most {MOST_BY_MATRIX} scenarios",
            got=len(ids),
            fix="Use a factor model, which grows with the scenarios and not with their square.",
        )
        order = sorted(range(len(ids)), key=lambda i: ids[i])
        stated = correlations.checked(matrix, len(ids))[np.ix_(order, order)]
        found, repair = correlations.nearest(stated)
        root = correlations.root_of(found)
        assert root is not None
        rows = tuple(tuple(row[: i + 1]) for i, row in enumerate(root.tolist()))
        names = tuple(ids[i] for i in order)
        return cls(name, names, rows, degrees=degrees, repair=repair)

    @classmethod
    def by_rank_correlation(
        cls, name: str, ids: Sequence[str], matrix: Array, degrees: float = GAUSSIAN
    ) -> "Copula":
        """Return the copula with these rank correlations (Spearman's), shape (n, n)."""
        ranks = correlations.checked(matrix, len(ids))
        return cls.by_matrix(name, ids, correlations.of_spearman(ranks, degrees), degrees)

    @property
    def family(self) -> Family:
        """Which family it is of."""
        return "gaussian" if math.isinf(self.degrees) else "t"

    def own_weight(self, scenario: str) -> float:
        """Return the weight of a scenario's own noise in a factor model, 0..1."""
        return math.sqrt(max(1 - math.fsum(a * a for a in self.weights[self._at(scenario)]), 0.0))

    def correlation(self, one: str, other: str) -> float:
        """Return the parameter r of a pair, -1..1: the correlation of their normal scores."""
        if one == other:
            return 1.0
        pairs = zip(self.weights[self._at(one)], self.weights[self._at(other)], strict=False)
        return max(-1.0, min(1.0, math.fsum(a * b for a, b in pairs)))

    def rank_correlation(self, one: str, other: str) -> float:
        """Return Spearman's rank correlation of a pair's uniform words, -1..1."""
        r = np.asarray(self.correlation(one, other))
        return float(correlations.spearman_of(r, self.degrees))

    def tail_dependence(self, one: str, other: str) -> float:
        r"""Return the limit of P(U > q | V > q) as q rises to 1; it is that of low values, too.

        .. math:: \lambda = 2\, t_{\nu + 1}\!\left(-\sqrt{(\nu + 1)(1 - r) / (1 + r)}\right)

        and 0 for a Gaussian copula with r < 1. Source: Demarta and McNeil, The t copula and related
        copulas, International Statistical Review 73, 2005.
        """
        r = self.correlation(one, other)
        if r in (-1.0, 1.0) or math.isinf(self.degrees):
            return 1.0 if r == 1 else 0.0
        more = self.degrees + 1
        return 2 * float(special.stdtr(more, -math.sqrt(more * (1 - r) / (1 + r))))

    def uniforms(self, words: Words) -> Iterator[tuple[str, Array]]:
        """Yield each scenario's id and its uniform words, shape (years,), in order of id."""
        known: dict[tuple[str, str], Array] = {}
        spread = self._spread(words)
        for scenario in self.ids:
            yield scenario, self._uniform(scenario, words, spread, known)

    def uniforms_of(self, scenario: str, words: Words) -> Array:
        """Return the uniform words of one scenario alone: those that `uniforms` yields."""
        return self._uniform(scenario, words, self._spread(words), {})

    def _at(self, scenario: str) -> int:
        at = bisect_left(self.ids, scenario)
        found = at < len(self.ids) and self.ids[at] == scenario
        require(
            found, "the scenario is in the copula", got=scenario, fix="Ask for one that it joins."
        )
        return at

    def _parts(self, scenario: str) -> Iterator[tuple[tuple[str, str], float, bool]]:
        """Yield where the words of each part of a score are, its weight, and if others need it."""
        row = self.weights[self._at(scenario)]
        if self.factors:
            for factor, weight in zip(self.factors, row, strict=True):
                yield (self.name, f"factor {factor}"), weight, True
            yield (scenario, OWN), self.own_weight(scenario), False
        else:
            for other, weight in zip(self.ids, row, strict=False):
                yield (other, OWN), weight, True

    def _spread(self, words: Words) -> Array | None:
        """Return sqrt(nu / V) of each year of a t copula."""
        if math.isinf(self.degrees):
            return None
        chi_square = 2 * special.gammaincinv(self.degrees / 2, words(self.name, CHI_SQUARE))
        return np.asarray(np.sqrt(self.degrees / chi_square))

    def _uniform(
        self,
        scenario: str,
        words: Words,
        spread: Array | None,
        known: dict[tuple[str, str], Array],
    ) -> Array:
        scores: Array | float = 0.0
        for address, weight, is_common in self._parts(scenario):
            if weight == 0:
                continue
            normal = known.get(address)
            if normal is None:
                normal = special.ndtri(words(*address))
                if is_common:
                    known[address] = normal
            scores = scores + weight * normal
        if spread is None:
            found = special.ndtr(scores)
        else:
            found = student_cdf(np.asarray(scores * spread), self.degrees)
        return np.asarray(np.clip(found, LEAST_WORD, MOST_WORD))


def student_cdf(x: Array, degrees: float) -> Array:
    r"""P(T <= x) of Student's t, of the shape of `x`, to some 1e-15.

    For whole degrees, with tan(theta) = x / sqrt(nu), it is 1/2 + A/2 with

    .. math:: A = \sin\theta \sum_k c_k \cos^{2 k}\theta \quad (\nu \text{ even}), \qquad
        A = \frac{2}{\pi}\left(\theta + \sin\theta \sum_k d_k \cos^{2 k + 1}\theta\right)

    Source: Abramowitz and Stegun, 26.7.3 and 26.7.4. Ten times as fast as the incomplete beta.
    """
    if degrees != int(degrees) or degrees > MOST_IN_SERIES:
        return np.asarray(special.stdtr(degrees, x))
    is_odd = int(degrees) % 2
    whole = degrees + x * x
    square = degrees / whole  # cos^2
    terms = [1.0]
    for k in range(1, (int(degrees) - is_odd) // 2):
        terms.append(terms[-1] * (2 * k - 1 + is_odd) / (2 * k + is_odd))
    found = np.full_like(square, terms[-1])
    for term in reversed(terms[:-1]):
        found *= square
        found += term
    found *= x / np.sqrt(whole)
    if is_odd:
        if degrees == 1:
            found[...] = 0.0
        found *= np.sqrt(square)
        found += np.arctan(x / math.sqrt(degrees))
        found *= 2 / math.pi
    return np.asarray(0.5 + found / 2)
