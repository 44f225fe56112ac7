"""The Merkle tree: the published vectors, its recursive definition, and proofs that cannot lie."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.audit.merkle import (
    EMPTY,
    Tree,
    is_consistent,
    leaf_hash,
    node_hash,
    root_by_inclusion,
    root_of,
)
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.pure
MOST = 70
LEAVES = [leaf_hash(str(number).encode()) for number in range(MOST)]
TREE = Tree(LEAVES)

# Roots after each of eight leaves, from the tests of Certificate Transparency's reference log.
DATA = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(defined(leaves[:k]), defined(leaves[k:]))


def test_the_published_roots() -> None:
    tree = Tree(leaf_hash(bytes.fromhex(text)) for text in DATA)
    assert [tree.root(n).hex() for n in range(1, 9)] == ROOTS
    assert Tree().root() == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_root_is_the_recursive_definition_at_every_size() -> None:
    assert [TREE.root(n) for n in range(MOST + 1)] == [defined(LEAVES[:n]) for n in range(MOST + 1)]


def test_every_leaf_is_proved_in_every_tree() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            path = TREE.inclusion(index, size)
            assert root_by_inclusion(LEAVES[index], index, size, path) == TREE.root(size)
            assert len(path) <= (size - 1).bit_length()


def test_every_tree_is_proved_to_begin_with_every_smaller_one() -> None:
    for new in range(MOST + 1):
        for old in range(new + 1):
            path = TREE.consistency(old, new)
            assert is_consistent(old, TREE.root(old), new, TREE.root(new), path)


@given(st.data())
def test_a_proof_of_another_leaf_place_size_or_path_leads_elsewhere(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    path = TREE.inclusion(index, size)
    other = data.draw(st.integers(0, MOST - 1).filter(lambda n: n != index))
    assert root_by_inclusion(LEAVES[other], index, size, path) != TREE.root(size)
    assert root_by_inclusion(LEAVES[index], other, size, path) != TREE.root(size)
    assert root_by_inclusion(LEAVES[index], index, size, [*path, EMPTY]) != TREE.root(size)
    if path:
        assert root_by_inclusion(LEAVES[index], index, size, path[:-1]) != TREE.root(size)
        step = data.draw(st.integers(0, len(path) - 1))
        spoilt = [*path[:step], leaf_hash(path[step]), *path[step + 1 :]]
        assert root_by_inclusion(LEAVES[index], index, size, spoilt) != TREE.root(size)


@given(st.data())
def test_a_log_that_was_rewritten_has_no_consistency_proof(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, MOST))
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    other = Tree([*LEAVES[:changed], EMPTY, *LEAVES[changed + 1 : new]])
    path = other.consistency(old, new)
    assert not is_consistent(old, TREE.root(old), new, other.root(), path)
    assert not is_consistent(new, TREE.root(new), old, TREE.root(old), path) or old == new
    if old < new:
        right = TREE.consistency(old, new)
        assert not is_consistent(old, TREE.root(old), new, TREE.root(new), right[:-1])
        assert not is_consistent(old, TREE.root(old), new, TREE.root(new), [*right, EMPTY])


def test_a_root_over_rows_is_that_of_their_tree() -> None:
    assert root_of(LEAVES[:5]) == TREE.root(5)


@pytest.mark.parametrize("call", ["root", "inclusion", "consistency"])
def test_sizes_that_never_were_are_refused(call: str) -> None:
    with pytest.raises(WorkbenchError, match="of every size up to that"):
        getattr(TREE, call)(*([0] if call != "root" else []), MOST + 1)


def test_a_leaf_outside_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="is one of 5"):
        TREE.inclusion(5, 5)
    with pytest.raises(WorkbenchError, match="is at most 5"):
        TREE.consistency(6, 5)
