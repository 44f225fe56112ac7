"""A loop that numba compiles, beside the same in numpy for where numba is not installed.

Both forms add, multiply and compare the same numbers in the same order, so that they return the
same bits; anything whose last bit a library may choose (exp, log) is tabulated before, once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

_plain = [False]  # what `plainly` asks for


@cache
def is_fast() -> bool:
    """Whether compiled kernels can be had (extra `fast`)."""
    return find_spec("numba") is not None


@contextmanager
def plainly() -> Iterator[None]:
    """Within it all kernels run in numpy."""
    before, _plain[0] = _plain[0], True
    try:
        yield
    finally:
        _plain[0] = before


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that compiled loops may call, itself where nothing is compiled."""
    if not is_fast():
        return function
    import numba

    compiled: Callable[..., Any] = numba.njit(inline="always")(function)
    return compiled


class Either:
    """One kernel: `loop` compiled at its first call, or `vector` where that is not possible."""

    def __init__(self, loop: Callable[..., Any], vector: Callable[..., Any]) -> None:
        self._loop, self._vector = loop, vector
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run it."""
        if _plain[0] or not is_fast():
            return self._vector(*arguments)
        if self._compiled is None:
            import numba

            self._compiled = numba.njit(nogil=True, cache=True)(self._loop)
        return self._compiled(*arguments)
