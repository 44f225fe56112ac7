"""Random words: the published answers of the generator, and addresses."""

import numpy as np
import pytest

from workbench.distributions import LogNormal
from workbench.engines.kernels import drawing
from workbench.engines.kernels.drawing import raw_words
from workbench.engines.kernels.layout import BLOCK, GUIDE_BITS, TILE
from workbench.engines.kernels.threefry import threefry
from workbench.engines.quantile_tables import quantile_table
from workbench.engines.streams import Stream, key_of, words

pytestmark = pytest.mark.pure

# threefry4x64-20: counter, key, answer; source: kat_vectors of the Random123 library, release 1.09
PUBLISHED = [
    (
        "0000000000000000 0000000000000000 0000000000000000 0000000000000000",
        "0000000000000000 0000000000000000 0000000000000000 0000000000000000",
        "09218ebde6c85537 55941f5266d86105 4bd25e16282434dc ee29ec846bd2e40b",
    ),
    (
        "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff",
        "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff",
        "29c24097942bba1b 0371bbfb0f6f4e11 3c231ffa33f83a1c cd29113fde32d168",
    ),
    (
        "243f6a8885a308d3 13198a2e03707344 a4093822299f31d0 082efa98ec4e6c89",
        "452821e638d01377 be5466cf34e90c6c be5466cf34e90c6c c0ac29b7c97c50dd",
        "a7e8fde591651bd9 baafd0c30138319b 84a5c1a729e685b9 901d406ccebc1ba4",
    ),
]


def numbers(text: str) -> np.ndarray:
    return np.array([int(word, 16) for word in text.split()], dtype=np.uint64)


@pytest.mark.parametrize(("counter", "key", "answer"), PUBLISHED)
def test_the_published_answers(counter: str, key: str, answer: str) -> None:
    parts = tuple(numbers(counter)[:, None])
    assert np.concatenate(threefry(numbers(key), parts)).tolist() == numbers(answer).tolist()


def test_a_word_is_a_part_of_the_counter_of_its_place() -> None:
    key, quarter = numbers(PUBLISHED[2][1]), TILE // 4
    for place in (0, 5, quarter, TILE - 1, TILE, 3 * TILE + 2 * quarter + 7):
        tile, within = divmod(place, TILE)
        part, i = divmod(within, quarter)
        counter = numbers("0 0 0 0")
        counter[0], counter[3] = tile * quarter + i, 9
        wanted = threefry(key, tuple(counter[:, None]))[part]
        assert raw_words(key, 9, place, 1).tolist() == wanted.tolist()


def test_places_are_those_of_every_result_that_was_kept() -> None:
    """Blocks of 2^14 years and tiles of 2^10 words: with others, no seed would give its years."""
    key = numbers(PUBLISHED[2][1])
    counter = numbers("0 0 0 0")
    counter[0], counter[3] = 256, 9
    assert raw_words(key, 9, 1024, 1)[0] == threefry(key, tuple(counter[:, None]))[0][0]
    steps = np.linspace(0.01, 1, 100)
    guide = np.zeros(1 << GUIDE_BITS, dtype=np.int64)
    both, second = np.empty(2 << 14, dtype=np.int64), np.empty(1 << 14, dtype=np.int64)
    drawing.counts(key, 5, steps, guide, both)
    drawing.counts(key, 6, steps, guide, second)
    assert both[1 << 14 :].tolist() == second.tolist()


@pytest.mark.parametrize("start", [0, 1, TILE - 1, TILE, 5 * TILE + 3])
def test_a_part_of_a_stream_can_be_made_alone(start: int) -> None:
    stream = Stream(4, "S-1", 2)
    whole = stream.uniforms("severity", 6 * TILE + 100)
    assert stream.uniforms("severity", 50, start).tolist() == whole[start : start + 50].tolist()


def test_an_address_is_all_of_its_parts() -> None:
    keys = [key_of(1, "a", "bc"), key_of(1, "ab", "c"), key_of(11, "a", "bc"), key_of(1, "a", "bd")]
    assert len({key.tobytes() for key in keys}) == 4
    blocks = [words(1, "a", "count", block, BLOCK) for block in range(3)]
    assert abs(np.corrcoef(blocks) - np.eye(3)).max() < 5 / np.sqrt(BLOCK)


def test_words_of_neighbouring_addresses_are_independent() -> None:
    # bits, since a weak mixing of keys shows there first: each of 52 is set half of the time
    found = np.array([words(1, f"S-{i}", "count", 0, 64) for i in range(2000)])
    for shift in (0, 1, 7, 26, 51):
        bits = np.floor(found * 2.0 ** (shift + 1)).astype(np.int64) & 1
        assert abs(bits.mean() - 0.5) < 5 * 0.5 / np.sqrt(bits.size)
        together = (bits[1:] ^ bits[:-1]).mean()
        assert abs(together - 0.5) < 5 * 0.5 / np.sqrt(bits.size)


def test_a_stream_through_a_table_begins_with_its_first_word_and_can_be_made_in_parts() -> None:
    stream, table = Stream(4, "S-1", 2), quantile_table(LogNormal(2, 1))
    assert table is not None
    whole = stream.quantiles(table, "severity", 3 * TILE)
    assert stream.quantiles(table, "severity", TILE).tolist() == whole[:TILE].tolist()
    assert stream.quantiles(table, "severity", 50, TILE + 3).tolist() == (
        whole[TILE + 3 : TILE + 53].tolist()
    )
    assert stream.uniforms("severity", 9).tolist() == stream.uniforms("severity", 9, 0).tolist()
    assert words(4, "S-1", "severity", 2, 9).tolist() == stream.uniforms("severity", 9).tolist()


def test_an_address_that_is_kept_cannot_be_written_over() -> None:
    with pytest.raises(ValueError, match="read-only"):
        key_of(1, "a", "b")[0] = 7
