"""A loop that numba compiles, beside the same in numpy for where numba is not installed.

Both forms add, multiply and compare the same numbers in the same order, so that they return the
same bits; anything whose last bit a library may choose (exp, log) is tabulated before, once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Function = Callable[..., Any]

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


class Either:
    """One kernel: a compiled loop, or `vector` where numba is missing.

    The loop is named as "module.function", of a module beside this one that is imported at the
    first call: numba takes longer to import than all else.
    """

    def __init__(self, loop: str, vector: Function) -> None:
        self._name, self._vector = loop, vector
        self._loop: Function | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run it."""
        if _plain[0] or not is_fast():
            return self._vector(*arguments)
        if self._loop is None:
            module, _, function = self._name.partition(".")
            self._loop = getattr(import_module(f"workbench.engines.kernels.{module}"), function)
        return self._loop(*arguments)
