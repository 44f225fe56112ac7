"""Work on several threads: in order, at once, and little more begun than is asked for."""

from collections.abc import Iterator
from threading import Barrier

import pytest

from workbench.engines import threads
from workbench.engines.threads import AHEAD, in_order

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("number", [1, 3, None])
def test_results_come_in_the_order_of_the_work(number: int | None) -> None:
    assert list(in_order(lambda n: n * n, range(50), number)) == [n * n for n in range(50)]
    assert list(in_order(lambda n: n, [], number)) == []


def test_several_pieces_are_worked_on_at_once() -> None:
    both = Barrier(2)  # passed by two together, and by none alone
    assert list(in_order(lambda n: both.wait(timeout=30) * 0 + n, range(10), 2)) == list(range(10))


@pytest.mark.parametrize("number", [1, 4])
def test_little_more_is_begun_than_is_asked_for(number: int) -> None:
    begun: list[int] = []

    def work() -> Iterator[int]:
        for n in range(100):
            begun.append(n)
            yield n

    results = in_order(lambda n: n, work(), number)
    for asked in range(1, 60):
        next(results)
        assert len(begun) <= asked + AHEAD
    assert list(results) == list(range(59, 100))


def test_a_machine_that_does_not_tell_its_cores_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cpu_count", lambda: None)
    assert list(in_order(str, range(3))) == ["0", "1", "2"]


def test_an_error_in_a_piece_is_that_of_the_whole() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda n: 1 // (n - 5), range(10), 2))
