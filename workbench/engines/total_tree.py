"""Independent parts of a total, kept as a tree: to change one of them costs one path to the root.

The transform of a total is the product of its parts' transforms. The products of all others stand
in the nodes; they are never found by division, which would be noise wherever a transform is small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Protocol

import numpy as np

from workbench.distributions import Array
from workbench.engines.grid import Complex, Grid
from workbench.engines.memo import remembered
from workbench.engines.reach import Extent

WIDEST = 64  # nodes at the bottom: each keeps arrays, and a thousand of them would be too many
Tail = tuple[Array, Array]  # P(L > x) and E[(min(L, cap) - x)+] far out


@dataclass(frozen=True)
class Facts:
    """What is known of some groups of plans without a grid; currency / year."""

    mean: float
    variance: float
    prob_nothing: float
    extent: Extent
    has_jumps: bool  # a magnitude has single values above 0 that may stand in the table themselves
    is_discrete: bool  # every magnitude has single values only
    is_once: bool  # every plan has one event a year

    def __add__(self, other: "Facts") -> "Facts":
        """Return what is known of both together, which are independent."""
        return Facts(
            self.mean + other.mean,
            self.variance + other.variance,
            self.prob_nothing * other.prob_nothing,
            self.extent + other.extent,
            self.has_jumps or other.has_jumps,
            self.is_discrete and other.is_discrete,
            self.is_once and other.is_once,
        )


class Part(Protocol):
    """One of the independent losses that are added."""

    @property
    def facts(self) -> Facts:
        """What is known of it without a grid."""
        ...

    def transform(self, grid: Grid) -> Complex:
        """Return its transform on a grid."""
        ...

    def tail(self, far: bytes, cap: float) -> Tail:
        """Return the shape of its tail at the losses `far`."""
        ...


@dataclass(frozen=True, eq=False)
class Node:
    """A part of the total: two nodes, or some parts side by side. It is the key to its arrays."""

    facts: Facts
    below: "tuple[Node, Node] | None"
    parts: tuple[Part, ...]
    is_kept: bool = True  # whether others will ask for its arrays

    def transform(self, grid: Grid) -> Complex:
        """Return the product of the parts' transforms."""
        if len(self.parts) == 1:
            return self.parts[0].transform(grid)  # which keeps it itself
        return (_product if self.is_kept else _product.afresh)(self, grid)

    def tail(self, far: bytes, cap: float) -> Tail:
        """Return the sum of the parts' tails."""
        return (_tail if self.is_kept else _tail.afresh)(self, far, cap)

    def replaced(self, at: int, part: Part) -> "Node":
        """Return the node with another part in place of the one at that position."""
        if self.below is None:
            parts = (*self.parts[:at], part, *self.parts[at + 1 :])
            return Node(_facts(parts), None, parts, is_kept=False)
        left, right = self.below
        split = len(left.parts)
        pair = (
            (left.replaced(at, part), right)
            if at < split
            else (left, right.replaced(at - split, part))
        )
        return _joined(*pair, is_kept=False)


def tree_of(parts: Sequence[Part]) -> Node:
    """Return the tree of one part or more, in their order."""
    width = -(-len(parts) // WIDEST)
    blocks = [tuple(parts[i : i + width]) for i in range(0, len(parts), width)]
    return _balanced([Node(_facts(block), None, block) for block in blocks])


def _balanced(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    middle = len(nodes) // 2
    return _joined(_balanced(nodes[:middle]), _balanced(nodes[middle:]))


def _joined(left: Node, right: Node, *, is_kept: bool = True) -> Node:
    return Node(left.facts + right.facts, (left, right), left.parts + right.parts, is_kept)


def _facts(parts: Sequence[Part]) -> Facts:
    return reduce(add, (part.facts for part in parts))


@remembered(mebibytes=96)
def _product(node: Node, grid: Grid) -> Complex:
    return reduce(np.multiply, (one.transform(grid) for one in node.below or node.parts))


@remembered(mebibytes=4)
def _tail(node: Node, far: bytes, cap: float) -> Tail:
    tails, firsts = zip(*(one.tail(far, cap) for one in node.below or node.parts), strict=True)
    return reduce(np.add, tails), reduce(np.add, firsts)
