"""Simulated years that are tied together: the words of copulas, and the events of shocks."""

from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from workbench.distributions import Array, Point
from workbench.engines.blocks import event_years
from workbench.engines.copulas import Copula
from workbench.engines.count_tables import count_table
from workbench.engines.counts import Poisson
from workbench.engines.dependence import DependencePlan
from workbench.engines.kernels import drawing
from workbench.engines.kernels.drawing import Counts
from workbench.engines.kernels.layout import BLOCK
from workbench.engines.plan import CompoundPlan
from workbench.engines.streams import Stream, Words, key_of
from workbench.losses import TabulatedLosses


@dataclass(frozen=True, eq=False)
class BlockWords:
    """The words of a copula by matrix in one block of years: each of them needs all before it."""

    copula: Copula
    lock: Lock = field(default_factory=Lock)
    found: dict[tuple[int, int], dict[str, Array]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type["BlockWords"], tuple[Copula]]:
        """Pickle the copula alone: its words are made again where they are needed."""
        return BlockWords, (self.copula,)

    def of(self, plan: str, stream: Stream) -> Array:
        """Return the words of one plan, shape (BLOCK,); the first that asks makes all."""
        address = (stream.seed, stream.block)
        with self.lock:
            if address not in self.found:
                while len(self.found) > 1:  # the next block is begun before the last one is done
                    self.found.pop(min(self.found))
                self.found[address] = dict(self.copula.uniforms(words_of(stream)))
            return self.found[address][plan]


@dataclass(frozen=True, eq=False)
class Tied:
    """The ties of a dependence plan.

    `tables` holds the year of each plan in the copula of losses: there a year is the quantile of
    its word, so that the plan's own distribution is kept whatever it is tied to.
    """

    dependence: DependencePlan
    tables: dict[str, TabulatedLosses]
    joined: dict[str, frozenset[str]]  # plans by the copula's name
    by_matrix: dict[str, BlockWords] = field(default_factory=dict)  # by the copula's name

    @classmethod
    def of(cls, dependence: DependencePlan, tables: dict[str, TabulatedLosses]) -> "Tied":
        """Return the ties; `tables` has the year of each plan in the copula of losses."""
        copulas = [one for one in (dependence.frequencies, dependence.losses) if one is not None]
        made = {one.name: BlockWords(one) for one in copulas if not one.factors}
        joined = {one.name: frozenset(one.ids) for one in copulas}
        return cls(dependence, {k: bare(v) for k, v in tables.items()}, joined, made)

    def blocks_at_once(self, usual: int) -> int:
        return 1 if self.by_matrix else usual  # the words of all plans are kept for one block

    def own_part(self, plan: CompoundPlan) -> CompoundPlan:
        return self.dependence.own_part(plan)

    def shock_events(self, plan: str, stream: Stream) -> Counts | None:
        shocks = [one for one in self.dependence.shocks if one.chance(plan) * one.rate > 0]
        if not shocks:
            return None
        total = np.zeros(BLOCK, dtype=np.int64)
        for shock in shocks:
            table = count_table(Poisson(), Point(shock.rate))
            assert table is not None
            happened = np.empty(BLOCK, dtype=np.int64)
            key = key_of(stream.seed, shock.id, "shock")
            drawing.counts(key, stream.block, table.steps, table.guide, happened)
            for start, years in event_years(happened):
                words = stream.uniforms(f"shock {shock.id}", years.size, start)
                total += np.bincount(years[words < shock.chance(plan)], minlength=BLOCK)
        return total

    def count_words(self, plan: str, stream: Stream) -> Array | None:
        return self._words(self.dependence.frequencies, plan, stream)

    def loss_quantiles(self, plan: str, stream: Stream) -> Array | None:
        words = self._words(self.dependence.losses, plan, stream)
        return None if words is None else self.tables[plan].quantiles(words)

    def _words(self, copula: Copula | None, plan: str, stream: Stream) -> Array | None:
        if copula is None or plan not in self.joined[copula.name]:
            return None
        if copula.name in self.by_matrix:
            return self.by_matrix[copula.name].of(plan, stream)
        return copula.uniforms_of(plan, words_of(stream))


def bare(losses: TabulatedLosses) -> TabulatedLosses:
    """Return the table without what its error is told from, which is large."""
    x, sf, excess = losses.nodes()
    return TabulatedLosses(
        x, sf, excess, mean=losses.mean(), variance=losses.variance(), step=losses.step
    )


def words_of(stream: Stream) -> Words:
    """Return the words of other owners in the same block of years."""

    def words(owner: str, purpose: str) -> Array:
        return Stream(stream.seed, owner, stream.block).uniforms(purpose)

    return words
