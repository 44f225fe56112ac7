r"""The Merkle tree of a log (RFC 6962, section 2.1; the same in RFC 9162).

.. math:: H(\text{leaf}) = \text{SHA256}(0 \,\|\, \text{data}), \qquad
          H(\text{node}) = \text{SHA256}(1 \,\|\, \text{left} \,\|\, \text{right})

The root of n leaves joins the root of the first k and that of the rest, with k the largest power of
two below n. A log only grows, so that a complete subtree never changes.

An **inclusion proof** shows that a leaf stands in a tree whose root is known, a **consistency
proof** that a tree began as a smaller one. Both are about log2(n) hashes.
"""

import hashlib
from collections.abc import Iterable, Sequence

from workbench.errors import require

EMPTY = hashlib.sha256(b"").digest()  # the root of no leaves


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A Merkle tree over hashes of leaves; every complete subtree is kept, 64 bytes a leaf.

    `size` is how many leaves it has. Roots and proofs can be had of any earlier size as well.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf at the end."""
        level, found = 0, leaf
        while True:
            if level == len(self._levels):
                self._levels.append([])
            row = self._levels[level]
            row.append(found)
            if len(row) % 2:
                return
            found, level = node_hash(row[-2], row[-1]), level + 1

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` leaves, of all unless told.

        Raises
        ------
        WorkbenchError
            for a size that the tree has never had.

        """
        size = self._checked(self.size if size is None else size)
        return self._hash(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that leaf `index`, from 0, is one of the first `size` (2.1.1).

        Raises
        ------
        WorkbenchError
            for a leaf that is not among them.

        """
        size = self._checked(self.size if size is None else size)
        require(0 <= index < size, f"a leaf is one of {size}", got=index, fix="Count from 0.")
        return self._path(index, 0, size)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the proof that the first `size` leaves begin with the first `old` (2.1.2).

        Raises
        ------
        WorkbenchError
            for an old size beyond the new one.

        """
        size = self._checked(self.size if size is None else size)
        require(0 <= old <= size, f"an old size is at most {size}", got=old, fix="Swap the two.")
        if old in {0, size}:
            return []
        return self._since(old, 0, size, whole=True)

    def _checked(self, size: int) -> int:
        rule = f"a tree of {self.size} leaves has been of every size up to that"
        require(0 <= size <= self.size, rule, got=size, fix="Read more of the log.")
        return size

    def _hash(self, start: int, end: int) -> bytes:
        """Return the root of the leaves from `start` to `end`, `start` fitting their power."""
        width = end - start
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self._levels[level][start >> level]
        middle = start + _split(width)
        return node_hash(self._hash(start, middle), self._hash(middle, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(start, middle)]

    def _since(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        """SUBPROOF of RFC 6962: `whole` while the subtree is all that the old tree was."""
        if old == end:
            return [] if whole else [self._hash(start, end)]
        middle = start + _split(end - start)
        if old <= middle:
            return [*self._since(old, start, middle, whole=whole), self._hash(middle, end)]
        return [*self._since(old, middle, end, whole=False), self._hash(start, middle)]


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over hashes of leaves."""
    return Tree(leaves).root()


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to, or None if it cannot be one.

    Source: RFC 9162, section 2.1.3.2. The proof holds if the root is the one of a checkpoint.
    """
    if not 0 <= index < size:
        return None
    fn, sn, found = index, size - 1, leaf
    for step in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    return found if sn == 0 else None


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a consistency proof shows that the larger tree begins with the smaller one.

    Source: RFC 9162, section 2.1.4.2. Every tree begins with the empty one.
    """
    if not 0 <= old <= new:
        return False
    if old in {0, new}:
        return not path and (old_root == (EMPTY if old == 0 else new_root))
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not steps:
        return False
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == new_root
