"""The register: studies and what belongs to them, every version kept, every act in a log.

The names below arrive on first use (PEP 562): who lists what is kept loads nothing that computes.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.register.places import Place, place_of
    from workbench.register.records import Conflict, Head, Version
    from workbench.register.register import Register

_HOMES = {
    "Conflict": "records",
    "Head": "records",
    "Place": "places",
    "Register": "register",
    "Version": "records",
    "place_of": "places",
}
__all__ = ["Conflict", "Head", "Place", "Register", "Version", "place_of"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
