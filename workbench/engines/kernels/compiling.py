"""How loops are compiled: without the lock of the interpreter, and kept for the next process."""

from collections.abc import Callable
from typing import Any

import numba

Function = Callable[..., Any]


def inlined(function: Function) -> Function:
    """Return a function that compiled loops call at no cost."""
    made: Function = numba.njit(inline="always")(function)
    return made


def compiled(function: Function) -> Function:
    """Return the compiled function; kept in a file where there is a place for one."""
    made: Function
    try:
        made = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # neither the package nor the home of the user can be written
        made = numba.njit(nogil=True)(function)
    return made
