"""How the scenarios of a study go together, as an analyst states it.

What is not named is independent. Rank correlations are Spearman's, of the numbers that a copula
draws from: of counts, which have ties, somewhat less is achieved.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.engines.copulas import GAUSSIAN, LEAST_DEGREES, MOST_DEGREES, Copula
from workbench.engines.dependence import DependencePlan, Numbers, Shock, in_order_of_id
from workbench.errors import WorkbenchError, all_of, is_number, require

Pair = tuple[str, str, float]  # two scenarios and their rank correlation, -1..1


def _in_order(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Return pairs in order of their ids."""
    try:
        return tuple(sorted((*_both(one, other), float(rho)) for one, other, rho in pairs))
    except (TypeError, ValueError):
        raise WorkbenchError(
            "the pairs of a copula are two scenarios and their rank correlation each; got "
            f'{pairs!r}. Write them as (("S-1", "S-2", 0.4),), with a comma behind each.'
        ) from None


def _both(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that moves several scenarios: the correlation of each with it, -1..1.

    `loadings` may be given as a mapping by id; they are kept in order of id.

    Raises
    ------
    WorkbenchError
        for no scenario, one that is named twice, or a loading out of -1..1.

    """

    id: str
    loadings: Numbers

    def __post_init__(self) -> None:
        """Put the loadings in order of id, each once."""
        found = in_order_of_id(self.loadings, f"factor {self.id}", "Keep one loading for each.")
        object.__setattr__(self, "loadings", found)
        for scenario, a in found:
            require(
                -1 <= a <= 1,
                f"the loading of scenario {scenario} on factor {self.id} lies from -1 to 1",
                got=a,
                fix="It is the correlation of the scenario with the factor.",
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"id": self.id, "loadings": [list(one) for one in dict(self.loadings).items()]}


@dataclass(frozen=True, slots=True)
class StatedCopula:
    """A copula, stated in one of three ways: by factors, by pairs, or by one number for all pairs.

    Parameters
    ----------
    degrees : of freedom, of a t copula; None for a Gaussian one
    factors : each with the loadings of the scenarios that it moves
    pairs : rank correlations; a pair that is not stated has 0
    common : one rank correlation, 0..1, of all pairs
    scenarios : with `common`: those that it joins, all of the study where left out

    Raises
    ------
    WorkbenchError
        unless it is stated in exactly one way, with each pair and each factor once, and numbers
        that a correlation and degrees of freedom may be.

    """

    degrees: float | None = None
    factors: tuple[Factor, ...] = ()
    pairs: tuple[Pair, ...] = ()
    common: float | None = None
    scenarios: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Put everything in order and check it."""
        factors = tuple(all_of(self.factors, Factor, "the factors of a copula"))
        for name, value in (
            ("pairs", _in_order(self.pairs)),
            ("factors", tuple(sorted(factors, key=lambda factor: factor.id))),
            ("scenarios", tuple(sorted(all_of(self.scenarios, str, "the scenarios of a copula")))),
        ):
            object.__setattr__(self, name, value)
        ways = [bool(factors), bool(self.pairs), self.common is not None]
        require(
            sum(ways) == 1,
            "a copula is stated by factors, by rank correlations of pairs, or by one of all pairs",
            got=f"{sum(ways)} of the three",
            fix="Keep one.",
        )
        require(
            self.common is not None or not self.scenarios,
            "scenarios are listed beside one rank correlation of all pairs",
            got=self.scenarios[:10],
            fix="Leave them out: factors and pairs name their own.",
        )
        ids = [factor.id for factor in self.factors]
        require(
            len(set(ids)) == len(ids),
            "each factor has an id of its own",
            got=ids[:10],
            fix="Rename one.",
        )
        self._check_numbers()
        self._check_pairs()

    def _check_numbers(self) -> None:
        require(
            self.degrees is None or is_number(self.degrees, LEAST_DEGREES, MOST_DEGREES),
            f"a t copula has {LEAST_DEGREES:g} to {MOST_DEGREES:g} degrees of freedom",
            got=self.degrees,
            fix="Losses usually have 3 to 20; leave them out for a gaussian copula.",
        )
        require(
            self.common is None or is_number(self.common, 0, 1),
            "a rank correlation that all pairs share lies from 0 to 1",
            got=self.common,
            fix="State negative ones pair by pair: three scenarios cannot all oppose each other.",
        )

    def _check_pairs(self) -> None:
        seen: set[tuple[str, str]] = set()
        for one, other, rho in self.pairs:
            require(
                one != other,
                "a rank correlation is of two scenarios",
                got=one,
                fix="A scenario with itself has 1.",
            )
            require(
                -1 <= rho <= 1,
                f"the rank correlation of {one} and {other} lies from -1 to 1",
                got=rho,
                fix="Write 0.3 for a weak one, 0.7 for a strong one.",
            )
            require(
                (one, other) not in seen,
                "the rank correlation of a pair is stated once",
                got=(one, other),
                fix="Keep one.",
            )
            seen.add((one, other))

    def ids(self) -> tuple[str, ...]:
        """Return the ids that it names, in order; none where it joins all of a study."""
        named = {one for factor in self.factors for one in dict(factor.loadings)}
        named |= {one for *both, _ in self.pairs for one in both}
        return tuple(sorted(named | set(self.scenarios)))

    def copula(self, name: str, ids: Iterable[str]) -> Copula:
        """Return the copula; `ids` are all of the study, and `name` owns its common words."""
        degrees = GAUSSIAN if self.degrees is None else float(self.degrees)
        if self.common is not None:
            return Copula.common(name, self.scenarios or tuple(ids), self.common, degrees)
        own = self.ids()
        if self.factors:
            by_factor = [dict(factor.loadings) for factor in self.factors]
            rows = {one: [loadings.get(one, 0.0) for loadings in by_factor] for one in own}
            return Copula.by_factors(
                name, rows, degrees, factors=tuple(factor.id for factor in self.factors)
            )
        place = {one: i for i, one in enumerate(own)}
        matrix = np.eye(len(own))
        for one, other, rho in self.pairs:
            matrix[place[one], place[other]] = matrix[place[other], place[one]] = rho
        return Copula.by_rank_correlation(name, own, matrix, degrees)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the form of a study file."""
        found: dict[str, Any] = {"copula": "gaussian" if self.degrees is None else "t"}
        if self.degrees is not None:
            found["degrees"] = float(self.degrees)
        if self.factors:
            return found | {"factors": [factor.to_dict() for factor in self.factors]}
        if self.common is None:
            return found | {"rank_correlation": [list(pair) for pair in self.pairs]}
        named = {"scenarios": list(self.scenarios)} if self.scenarios else {}
        return found | {"rank_correlation": float(self.common)} | named


@dataclass(frozen=True, slots=True)
class Dependence:
    """What ties the scenarios of a study together: copulas of counts and of years, common shocks.

    A copula of `frequencies` joins how many events the scenarios have in a year, one of `losses`
    what their whole years cost. The stated frequency of a scenario includes the `shocks`.

    Raises
    ------
    WorkbenchError
        for a part that is of another kind.

    """

    frequencies: StatedCopula | None = None
    losses: StatedCopula | None = None
    shocks: tuple[Shock, ...] = ()

    def __post_init__(self) -> None:
        """Put the shocks in order of id."""
        for name in ("frequencies", "losses"):
            stated = getattr(self, name)
            require(
                stated is None or isinstance(stated, StatedCopula),
                f"the {name} of a dependence are tied by a StatedCopula",
                got=stated,
                fix=f"Write Dependence({name}=StatedCopula(common=0.3)).",
            )
        shocks = all_of(self.shocks, Shock, "the shocks of a dependence")
        ordered = tuple(sorted(shocks, key=lambda shock: shock.id))
        object.__setattr__(self, "shocks", ordered)

    def ids(self) -> tuple[str, ...]:
        """Return the ids that it names, in order."""
        copulas = [one.ids() for one in (self.frequencies, self.losses) if one is not None]
        named = {one for ids in copulas for one in ids}
        return tuple(sorted(named.union(*(shock.ids for shock in self.shocks))))

    def plan(self, ids: Sequence[str]) -> DependencePlan:
        """Return what an engine is given; `ids` are all of the study.

        Raises
        ------
        WorkbenchError
            where its parts contradict each other, or a copula cannot be made; see `Copula`.

        """
        stated = {"frequencies": self.frequencies, "losses": self.losses}
        found = {k: one.copula(k, ids) for k, one in stated.items() if one is not None}
        return DependencePlan(found.get("frequencies"), found.get("losses"), self.shocks)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the form of a study file."""
        found: dict[str, Any] = {}
        for name in ("frequencies", "losses"):
            stated = getattr(self, name)
            if stated is not None:
                found[name] = stated.to_dict()
        if self.shocks:
            found["shocks"] = [_shock_dict(shock) for shock in self.shocks]
        return found


def _shock_dict(shock: Shock) -> dict[str, Any]:
    rows = [list(pair) for pair in dict(shock.chances).items()]
    return {"id": shock.id, "rate": float(shock.rate), "scenarios": rows}


def tail_note(copula: Copula, one: str, other: str) -> str:
    """Return what a pair has in common in its worst years, in a sentence; empty where nothing."""
    share = copula.tail_dependence(one, other)
    if share <= 0:
        return ""
    rho = copula.rank_correlation(one, other)
    apart = "although their rank correlation is 0" if math.isclose(rho, 0, abs_tol=5e-4) else ""
    words = f"{one} and {other} are dependent in the tail: of the very worst years of one, "
    return f"{words}{share:.0%} are such years of the other, too{apart and ', ' + apart}"
