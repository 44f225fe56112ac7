r"""What a mechanism promises about each person in its data: (epsilon, delta) privacy.

.. math:: \Pr[M(d) \in S] \le e^\varepsilon \Pr[M(d') \in S] + \delta

for all sets S of outputs and all neighbouring d and d', which differ by one person. Source: Dwork
and Roth (2014), definition 2.4. It speaks of a mechanism and of pairs of data, so no output alone
can show it; what can be computed is the least delta of a known mechanism, and what an attack that
succeeded refutes.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from workbench.distributions import Array
from workbench.errors import require

LEVEL = 0.95
LARGEST = 700.0  # of an epsilon: beyond it e^epsilon is no float, and no chance is so small
SMALLEST = 1e-300  # of a delta: smaller ones come near the end of the floats
NARROW = 1e-5  # of half the sensitivity in standard deviations: squared, it is lost


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A bound on what one person's data can change; pure where delta is 0.

    Raises
    ------
    WorkbenchError
        for an epsilon below 0, and for a delta that is not from 0 to 1.

    """

    epsilon: float
    delta: float = 0.0

    def __post_init__(self) -> None:
        """Check both."""
        fix = "State the two as proved for the mechanism."
        require(self.epsilon >= 0, "epsilon is 0 or more", got=self.epsilon, fix=fix)
        require(0 <= self.delta <= 1, "delta is a chance", got=self.delta, fix=fix)

    def holds(self, p: ArrayLike, q: ArrayLike) -> bool:
        """Say whether two neighbours keep to it, in both directions.

        p and q, of shape (k,), are the chances of each output under either data set.
        """
        return least_delta(p, q, self.epsilon) <= self.delta * (1 + 1e-12) + 1e-15

    def posterior(self, prior: float) -> float:
        r"""Return the most that an attacker can come to believe of a claim about one person.

        .. math:: \frac{e^\varepsilon \pi}{1 - \pi + e^\varepsilon \pi}

        Raises
        ------
        WorkbenchError
            where delta is not 0, since then an output may give everything away, and for a prior
            that is no chance.

        """
        rule = "only pure privacy, with a delta of 0, bounds what is believed after an output"
        require(self.delta == 0, rule, got=self.delta, fix="Use advantage, which holds for both.")
        require(0 <= prior <= 1, "a prior is a chance", got=prior, fix="State it from 0 to 1.")
        if prior in (0.0, 1.0):
            return prior
        return float(special.expit(special.logit(prior) + self.epsilon))

    @property
    def advantage(self) -> float:
        r"""The most by which an attack's hit rate can exceed its rate of false alarms.

        .. math:: \frac{e^\varepsilon - 1 + 2 \delta}{e^\varepsilon + 1}

        Source: Kairouz, Oh and Viswanath (2015), theorem 2.1, where its two lines meet.
        """
        small = math.exp(-self.epsilon)  # does not overflow
        return (1 - small + 2 * self.delta * small) / (1 + small)


def least_delta(p: ArrayLike, q: ArrayLike, epsilon: float) -> float:
    r"""Return the smallest delta that two neighbours keep to, in both directions.

    .. math:: \max_S \left(P(S) - e^\varepsilon Q(S)\right)
        = \sum_i \max(p_i - e^\varepsilon q_i, 0)

    since the worst S holds just the outputs with p_i > e^epsilon q_i. p and q have shape (k,).

    Raises
    ------
    WorkbenchError
        unless both are chances of the same outputs that sum to 1.

    """
    before, after = _outputs(p), _outputs(q)
    shapes = (before.shape, after.shape)
    rule = "neighbours have the same outputs"
    require(before.shape == after.shape, rule, got=shapes, fix="Give each a chance, 0 too.")
    growth = math.exp(min(epsilon, LARGEST))
    one, other = (a - growth * b for a, b in ((before, after), (after, before)))
    return float(max(one[one > 0].sum(), other[other > 0].sum()))


def _outputs(chances: ArrayLike) -> Array:
    held = np.asarray(chances, dtype=float)
    fine = held.ndim == 1 and bool((held >= 0).all()) and abs(float(held.sum()) - 1) < 1e-9
    fix = "Give a chance for each output."
    require(fine, "chances of outputs are 0 or more and sum to 1", got=held.tolist(), fix=fix)
    return held


def least_epsilon(p: ArrayLike, q: ArrayLike, delta: float = 0.0) -> float:
    """Return the smallest epsilon that two neighbours keep to; infinite where none does.

    Raises
    ------
    WorkbenchError
        as `least_delta`, and for a delta that is not from 0 to 1.

    """
    Guarantee(0.0, delta)
    before, after = _outputs(p), _outputs(q)
    if Guarantee(0.0, delta).holds(before, after):
        return 0.0
    alone = max(float(before[after == 0].sum()), float(after[before == 0].sum()))
    if alone > delta:
        return math.inf  # such outputs give the person away, whatever epsilon is
    both = (before > 0) & (after > 0)
    most = float(np.abs(np.log(before[both] / after[both])).max())  # of pure privacy, elsewhere
    if delta == 0 or least_delta(before, after, most) >= delta:
        return most
    return float(
        optimize.brentq(lambda e: least_delta(before, after, e) - delta, 0, most, xtol=1e-14)
    )


def laplace_epsilon(sensitivity: float, scale: float) -> float:
    """Return sensitivity / scale, of Laplace noise; Dwork, McSherry, Nissim and Smith (2006).

    `sensitivity` is the most by which one person moves the answer, in the unit of `scale`.

    Raises
    ------
    WorkbenchError
        unless both are positive and finite.

    """
    _check_noise(sensitivity, scale)
    return sensitivity / scale


def gaussian_delta(sensitivity: float, sd: float, epsilon: float) -> float:
    r"""Return the least delta of Gaussian noise for an epsilon of any size.

    .. math:: \Phi\left(\frac{s}{2\sigma} - \frac{\varepsilon\sigma}{s}\right)
        - e^\varepsilon \Phi\left(-\frac{s}{2\sigma} - \frac{\varepsilon\sigma}{s}\right)

    with s the sensitivity and sigma the standard deviation `sd`. Source: Balle and Wang (2018),
    theorem 8. The older formula, sqrt(2 ln(1.25 / delta)) s / epsilon, holds below epsilon 1 only.

    Raises
    ------
    WorkbenchError
        unless sensitivity and sd are positive and finite.

    """
    _check_noise(sensitivity, sd)
    half, shift = sensitivity / sd / 2, epsilon * sd / sensitivity
    if math.isinf(shift):
        return 0.0
    if half < NARROW:
        return _narrow_delta(half, shift)
    kept = math.exp(epsilon + float(special.log_ndtr(-half - shift)))
    return max(float(special.ndtr(half - shift)) - kept, 0.0)


def _narrow_delta(half: float, shift: float) -> float:
    r"""Return the same for noise so wide that the difference would be lost in its terms.

    .. math:: \varphi(t - h) (R(t - h) - R(t + h)) \approx 2 h \varphi(t - h) (1 - t R(t))

    with h and t the two arguments, phi the normal density and R its Mills ratio, whose derivative
    is t R(t) - 1; what is left out is of the order of h squared.
    """
    mills = math.sqrt(math.pi / 2) * float(special.erfcx(shift / math.sqrt(2)))
    at = shift - half
    return 2 * half * math.exp(-at * at / 2) / math.sqrt(2 * math.pi) * (1 - shift * mills)


def gaussian_sd(sensitivity: float, guarantee: Guarantee) -> float:
    """Return the least standard deviation of Gaussian noise that keeps a guarantee.

    Raises
    ------
    WorkbenchError
        for a sensitivity that is not positive and finite, an epsilon that is not finite, and a
        delta below 1e-300 or of 1.

    """
    rule = "Gaussian noise keeps no guarantee with a delta of 0 and needs none with 1"
    fix = "State a small delta, below one in the number of people."
    require(0 < guarantee.delta < 1, rule, got=guarantee.delta, fix=fix)
    fix, rule = "State one that says something.", "epsilon is finite, and delta 1e-300 or more"
    is_fine = math.isfinite(guarantee.epsilon) and guarantee.delta >= SMALLEST
    require(is_fine, rule, got=f"{guarantee.epsilon} and {guarantee.delta}", fix=fix)
    _check_noise(sensitivity, 1.0)

    def excess(log_sd: float) -> float:
        return gaussian_delta(1.0, math.exp(log_sd), guarantee.epsilon) - guarantee.delta

    return sensitivity * math.exp(optimize.brentq(excess, -360.0, 700.0, xtol=1e-13))


def _check_noise(sensitivity: float, scale: float) -> None:
    for name, value in (("sensitivity", sensitivity), ("the scale of noise", scale)):
        fix = "State it in the unit of the answer."
        require(0 < value < math.inf, f"{name} is positive and finite", got=value, fix=fix)


def composed(guarantees: Iterable[Guarantee]) -> Guarantee:
    """Return what several releases of the same data keep together: epsilons and deltas add.

    Source: Dwork and Roth (2014), theorem 3.16. Releases for tuning count too.
    """
    held = tuple(guarantees)
    return Guarantee(sum(g.epsilon for g in held), min(sum(g.delta for g in held), 1.0))


def epsilon_from_attack(
    hits: int, members: int, false_alarms: int, others: int, *, delta: float = 0.0
) -> float:
    r"""Return a lower bound of epsilon from an attack that tells members from others.

    .. math:: \ln \frac{\alpha - \delta}{\beta}

    with alpha the lower limit of the hit rate and beta the upper limit of the rate of false alarms
    (Clopper and Pearson 1934, each at 97.5 %, so that both hold in 95 cases of 100). A mechanism
    that claims less is refuted; one that claims more is not proved by it. 0 where the attack shows
    nothing.

    Raises
    ------
    WorkbenchError
        for counts that are not whole parts of their numbers.

    """
    for part, whole in ((hits, members), (false_alarms, others)):
        rule = "an attack counts its successes among those that it tried"
        fix = "Count how many were called members, of how many."
        require(0 <= part <= whole and whole > 0, rule, got=f"{part} of {whole}", fix=fix)
    Guarantee(0.0, delta)
    side = (1 - LEVEL) / 2
    low = float(special.betaincinv(hits, members - hits + 1, side)) if hits else 0.0
    rest = others - false_alarms
    high = float(special.betaincinv(false_alarms + 1, rest, 1 - side)) if rest else 1.0
    return max(math.log((low - delta) / high), 0.0) if low > delta else 0.0
