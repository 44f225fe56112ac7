"""Frameworks of requirements: how they answer each other, and how far they are met."""

from workbench.frameworks.comparing import Changes, compared
from workbench.frameworks.coverage import Coverage, Record, coverage, matrix
from workbench.frameworks.crosswalk import Crosswalk, Link, Row
from workbench.frameworks.linting import Fault, lint
from workbench.frameworks.requirement import Framework, Frameworks, Requirement

__all__ = [
    "Changes",
    "Coverage",
    "Crosswalk",
    "Fault",
    "Framework",
    "Frameworks",
    "Link",
    "Record",
    "Requirement",
    "Row",
    "compared",
    "coverage",
    "lint",
    "matrix",
]
