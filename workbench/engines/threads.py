"""Work on several threads, with results in the order of the work."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from os import cpu_count
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 6  # pieces of work that are begun before the first of them is asked for


def in_order(
    function: Callable[[T], R], work: Iterable[T], threads: int | None = None
) -> Iterator[R]:
    """Yield the results in the order of the work, of which little more is begun than is asked for.

    A pool's own `map` would begin all of it, and results would pile up. There are as many threads
    as cores unless told; they help where the work leaves the interpreter's lock, as kernels do.
    """
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads or cpu_count() or 1) as pool:
        for one in work:
            waiting.append(pool.submit(function, one))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
