"""The register: studies and what belongs to them, every version kept, every act in a log."""

from workbench.register.places import Place, place_of
from workbench.register.records import Conflict, Head, Version
from workbench.register.register import Register

__all__ = ["Conflict", "Head", "Place", "Register", "Version", "place_of"]
