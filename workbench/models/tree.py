"""The nodes of the FAIR tree that are derived from others. A node is stated or derived, never both.

    loss event frequency = threat event frequency x vulnerability
    threat event frequency = contact frequency x probability of action
    vulnerability = P(threat capability > resistance strength)
    loss magnitude = primary + secondary, where a share of the events has a secondary loss

Source: The Open Group, Risk Taxonomy (O-RT) and Risk Analysis (O-RA). Rates, shares and
probabilities are held for the year; amounts are drawn anew for each event.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self

import numpy as np

from workbench.distributions import Array, Distribution, Empirical, Point, WithTerms, scaled
from workbench.distributions.base import as_belief, as_number, freeze
from workbench.distributions.comonotone import Comonotone
from workbench.distributions.derived import atoms_of
from workbench.distributions.products import product
from workbench.engines.sums import total
from workbench.errors import require

FORMS = (
    "productivity",
    "response",
    "replacement",
    "competitive_advantage",
    "fines_and_judgments",
    "reputation",
)
PANELS, ORDER = 16, 24  # of the quadrature of vulnerability


def check_amount(name: str, belief: object) -> None:
    """Refuse what is no belief about a rate or an amount: those are never negative."""
    low, high = as_belief(name, belief).support()
    require(
        low >= 0,
        f"{name} is never negative",
        got=(low, high),
        fix="Give the belief a lower bound of 0 or more, or truncate it there.",
    )


def check_share(name: str, belief: object) -> None:
    """Refuse what is no belief about a share or a probability, 0..1."""
    check_amount(name, belief)
    high = as_belief(name, belief).support()[1]
    require(
        high <= 1,
        f"{name} lies between 0 and 1",
        got=high,
        fix="Write 0.8 for 80 %, and choose a belief that ends at 1.",
    )


@dataclass(frozen=True, slots=True)
class ThreatEvents:
    """Threat event frequency, derived: contacts a year, and how likely each becomes an attempt."""

    contact_frequency: Distribution  # contacts / year, held
    probability_of_action: Distribution  # 0..1, held

    def __post_init__(self) -> None:
        """Check both beliefs."""
        check_amount("contact_frequency", self.contact_frequency)
        check_share("probability_of_action", self.probability_of_action)

    def belief(self) -> Distribution:
        """Threat events / year."""
        return product(self.contact_frequency, self.probability_of_action)

    def scaled(self, factor: float) -> Self:
        """Return the node with `factor` times as many contacts."""
        return replace(self, contact_frequency=scaled(self.contact_frequency, factor))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "contact_frequency": self.contact_frequency.to_dict(),
            "probability_of_action": self.probability_of_action.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """Vulnerability, derived: how likely the threat's capability exceeds the resistance.

    Both are stated on one scale, whichever it is (percentiles of the threat community are usual).
    """

    threat_capability: Distribution
    resistance_strength: Distribution

    def __post_init__(self) -> None:
        """Check that both are beliefs."""
        for name in ("threat_capability", "resistance_strength"):
            as_belief(name, getattr(self, name))

    def probability(self) -> float:
        r"""P(TC > RS), one number.

        .. math:: \int_0^1 P(TC > Q_{RS}(u))\, du

        by Gauss-Legendre panels between the levels at which the integrand has a corner.
        """
        return exceeds(self.threat_capability, self.resistance_strength)

    def belief(self) -> Distribution:
        """Return the probability as a number known exactly: what is uncertain is in it already."""
        return Point(self.probability())

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "threat_capability": self.threat_capability.to_dict(),
            "resistance_strength": self.resistance_strength.to_dict(),
        }


@lru_cache(maxsize=256)
def exceeds(larger: Distribution, smaller: Distribution) -> float:
    """P(X > Y) for independent X, Y; ties count as not exceeded."""
    if (atoms := atoms_of(smaller)) is not None:
        values, weights = atoms
        return float(weights @ larger.sf(values))
    if (atoms := atoms_of(larger)) is not None:  # the smaller one has no single values: no ties
        values, weights = atoms
        return float(weights @ smaller.cdf(values))
    levels = _corners(larger, smaller)
    t, w = np.polynomial.legendre.leggauss(ORDER)
    # panels that shrink towards each level, where a quantile function may be steep
    steps = np.concatenate([np.geomspace(1e-12, 0.5, PANELS), 1 - np.geomspace(0.5, 1e-12, PANELS)])
    edges = np.unique(np.concatenate([[0.0, 1.0], levels]))
    summed = 0.0
    for low, high in pairwise(edges.tolist()):
        marks = low + (high - low) * np.unique(np.concatenate([[0.0], steps, [1.0]]))
        width = np.diff(marks)
        u = marks[:-1, None] + width[:, None] * (1 + t) / 2
        summed += float(np.sum(width[:, None] * w / 2 * larger.sf(smaller.ppf(u))))
    return min(max(summed, 0.0), 1.0)


def _corners(larger: Distribution, smaller: Distribution) -> Array:
    """Levels u of Y at which P(X > Q_Y(u)) has a corner or a step: ends, breaks, single values."""
    places = np.array([x for x in (*larger.support(), *smaller.support()) if math.isfinite(x)])
    places = np.concatenate([places, larger.jumps()[0], larger.isf(larger.breaks())])
    own, chances = smaller.jumps()
    reached = smaller.cdf(own)
    found = (smaller.cdf(places), 1 - smaller.breaks(), reached, reached - chances)
    return np.unique(np.clip(np.concatenate(found), 0, 1))


@dataclass(frozen=True, slots=True)
class LossEvents:
    """Loss event frequency, derived: TEF x vulnerability; each is stated or derived in turn."""

    threat_event_frequency: Distribution | ThreatEvents  # threat events / year, held
    vulnerability: Distribution | Vulnerability  # 0..1, held

    def __post_init__(self) -> None:
        """Check both nodes."""
        if not isinstance(self.threat_event_frequency, ThreatEvents):
            check_amount("threat_event_frequency", self.threat_event_frequency)
        if not isinstance(self.vulnerability, Vulnerability):
            check_share("vulnerability", self.vulnerability)

    def threat_events(self) -> Distribution:
        """Threat events / year, stated or derived."""
        node = self.threat_event_frequency
        return node.belief() if isinstance(node, ThreatEvents) else node

    def vulnerable(self) -> Distribution:
        """Return the share of threat events that become loss events, stated or derived."""
        node = self.vulnerability
        return node.belief() if isinstance(node, Vulnerability) else node

    def belief(self) -> Distribution:
        """Loss events / year."""
        return product(self.threat_events(), self.vulnerable())

    def scaled(self, factor: float) -> Self:
        """Return the node with `factor` times as many threat events."""
        node = self.threat_event_frequency
        changed = node.scaled(factor) if isinstance(node, ThreatEvents) else scaled(node, factor)
        return replace(self, threat_event_frequency=changed)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the fields of a study file."""
        found: dict[str, Any] = {}
        for name in ("threat_event_frequency", "vulnerability"):
            node = getattr(self, name)
            derived = isinstance(node, ThreatEvents | Vulnerability)
            found |= node.to_dict() if derived else {name: node.to_dict()}
        return found


@dataclass(frozen=True, slots=True)
class LossForms:
    """A loss magnitude by FAIR's six forms of loss, currency / event.

    The forms are independent within an event, unless they move `together`: then one draw decides
    how bad the event is in all of them.
    """

    productivity: Distribution | None = None
    response: Distribution | None = None
    replacement: Distribution | None = None
    competitive_advantage: Distribution | None = None
    fines_and_judgments: Distribution | None = None
    reputation: Distribution | None = None
    together: bool = False

    def __post_init__(self) -> None:
        """Check that there is a form, and that each is an amount."""
        require(
            bool(self.stated()),
            "a loss by its forms states one form or more",
            got="none",
            fix=f"The forms are {', '.join(FORMS)}.",
        )
        for name, belief in self.stated().items():
            check_amount(name, belief)

    def stated(self) -> dict[str, Distribution]:
        """Return the forms that are stated, in FAIR's order."""
        found = {name: getattr(self, name) for name in FORMS}
        return {name: belief for name, belief in found.items() if belief is not None}

    def belief(self) -> Distribution:
        """Return the sum of the forms, currency / event."""
        parts = list(self.stated().values())
        if not self.together or len(parts) == 1:
            return total(parts)
        moved = Comonotone(parts)
        atoms = moved.atoms()  # lists that move together are a list
        return moved if atoms is None else Empirical(atoms[0].tolist(), atoms[1].tolist())

    def scaled(self, factor: float) -> Self:
        """Return the forms `factor` times as large."""
        changed: dict[str, Any] = {n: scaled(b, factor) for n, b in self.stated().items()}
        return replace(self, **changed)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        found: dict[str, Any] = {n: belief.to_dict() for n, belief in self.stated().items()}
        return found | ({"together": True} if self.together else {})


@dataclass(frozen=True, slots=True)
class SecondaryLoss:
    """What others do after the event (fines, lost customers), in a share of the events."""

    share: Distribution  # of the loss events, 0..1, held: secondary loss event frequency / LEF
    magnitude: Distribution | LossForms  # currency / event that has it

    def __post_init__(self) -> None:
        """Check the share and the amount."""
        check_share("share", self.share)
        if not isinstance(self.magnitude, LossForms):
            check_amount("magnitude", self.magnitude)

    def belief(self) -> Distribution:
        """Currency / event that has a secondary loss."""
        return self.magnitude.belief() if isinstance(self.magnitude, LossForms) else self.magnitude

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        own = self.magnitude.to_dict()
        by_form = isinstance(self.magnitude, LossForms)
        return {"share": self.share.to_dict()} | (own if by_form else {"magnitude": own})


NO_TERMS_VALUES = {
    "deductible": 0.0,
    "limit": math.inf,
    "share": 1.0,
    "annual_deductible": 0.0,
    "annual_limit": math.inf,
}


@dataclass(frozen=True, slots=True)
class Terms:
    r"""What of the loss counts, in this order: event deductible, limit, share; annual terms.

    .. math:: Y_i = share \cdot \min\{(X_i - deductible)_+, limit\}, \qquad
              L = \min\{(\textstyle\sum Y_i - annual\_deductible)_+, annual\_limit\}

    `annual_limit` alone is an annual cap: the asset is not lost twice in a year. Source: Klugman,
    Panjer and Willmot, Loss Models, chapters 8 and 9.
    """

    deductible: float = 0.0  # currency / event
    limit: float = math.inf  # currency / event
    share: float = 1.0  # of the layer, 0..1
    annual_deductible: float = 0.0  # currency / year
    annual_limit: float = math.inf  # currency / year

    def __post_init__(self) -> None:
        """Check the five terms."""
        WithTerms(Point(0.0), self.deductible, self.limit, self.share)  # has the rules of an event
        for name, none in NO_TERMS_VALUES.items():  # a limit may be infinite
            value = getattr(self, name)
            freeze(self, **{name: none if value == none == math.inf else as_number(name, value)})
        require(
            self.annual_deductible >= 0,
            "an annual deductible is 0 or more",
            got=self.annual_deductible,
            fix="Leave it out where the first loss of a year counts.",
        )
        require(
            self.annual_limit > 0,
            "an annual limit is above 0",
            got=self.annual_limit,
            fix="Leave it out for no limit.",
        )

    def per_event(self) -> bool:
        """Whether a term acts on each event."""
        return (self.deductible, self.limit, self.share) != (0.0, math.inf, 1.0)

    def per_year(self) -> bool:
        """Whether a term acts on the year."""
        return (self.annual_deductible, self.annual_limit) != (0.0, math.inf)

    def to_dict(self) -> dict[str, float]:
        """Plain data: the terms that change something."""
        plain = NO_TERMS_VALUES
        return {n: getattr(self, n) for n, value in plain.items() if getattr(self, n) != value}


NO_TERMS = Terms()
