"""What happens together, as plain values: all numbers as text, both ids and names of scenarios."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """One scenario and a number that goes with it: a chance, or a loading."""

    id: str
    name: str
    number: str


@dataclass(frozen=True)
class Group:
    """A shock and whom it hits, or a common factor and whom it moves; the strongest few."""

    id: str
    often: str  # of a shock, such as "1 in 10 years"
    members: tuple[Named, ...]
    more: str  # how many members more there are: 'and 3 more'


@dataclass(frozen=True)
class Pair:
    """Two scenarios that a copula ties."""

    ids: tuple[str, str]
    names: tuple[str, str]
    rank: str  # rank correlation of what the copula draws
    achieved: str  # rank correlation of simulated losses, with its error; '' where computed
    worst: str  # share of the very worst years that they have in common; '' for a Gaussian copula


@dataclass(frozen=True)
class TiedBy:
    """One copula."""

    what: str  # 'How often they happen', or 'What their years cost'
    how: str  # family, degrees of freedom, and in which way it is stated
    factors: tuple[Group, ...]
    pairs: tuple[Pair, ...]  # the strongest few
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Together:
    """All that a study says of how its scenarios go together."""

    heading: str
    shocks: tuple[Group, ...]
    more_shocks: str
    copulas: tuple[TiedBy, ...]
