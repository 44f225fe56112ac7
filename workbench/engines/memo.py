"""Results kept for the next call, up to a number of bytes: grids differ in size a thousandfold."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import update_wrapper
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
MEBIBYTE = 1 << 20
SMALL = 64  # bytes of what holds no array


def bytes_of(value: object) -> int:
    """Return what a result holds: its arrays (`nbytes`), alone or in tuples; else its own size."""
    if isinstance(value, tuple):
        return sum(bytes_of(part) for part in value)
    return int(getattr(value, "nbytes", SMALL))


class Memo(Generic[P, R]):
    """A function that keeps its results until they hold more than `limit` bytes together.

    The result that was asked for longest ago goes first; one that is larger than the limit alone is
    not kept. Arguments are positional and hashable. Threads may call it; two that ask for the same
    at once may both compute it.
    """

    def __init__(self, function: Callable[P, R], limit: int) -> None:
        self._function, self.limit, self.held = function, limit, 0
        self._kept: OrderedDict[Hashable, tuple[R, int]] = OrderedDict()
        self._lock = Lock()
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        key: Hashable = (args, tuple(kwargs.items())) if kwargs else args
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found[0]
        result = self._function(*args, **kwargs)
        self._keep(key, result)
        return result

    def _keep(self, key: Hashable, result: R) -> None:
        size = bytes_of(result)
        with self._lock:
            if size > self.limit or key in self._kept:
                return
            self._kept[key] = result, size
            self.held += size
            while self.held > self.limit:
                self.held -= self._kept.popitem(last=False)[1][1]

    def afresh(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Compute a result that nobody will ask for again, and keep nothing."""
        return self._function(*args, **kwargs)

    def __len__(self) -> int:
        """Return how many results are kept."""
        return len(self._kept)

    def cache_clear(self) -> None:
        """Forget every result."""
        with self._lock:
            self._kept.clear()
            self.held = 0


def remembered(*, mebibytes: int) -> Callable[[Callable[P, R]], Memo[P, R]]:
    """Let a function keep its results, up to so many mebibytes of arrays."""

    def decorate(function: Callable[P, R]) -> Memo[P, R]:
        return Memo(function, mebibytes * MEBIBYTE)

    return decorate
