"""A system from whichever file describes it: our own form, or that of another program."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.files.catalogues.systems import system_of
from workbench.files.exchange.foreign import LoadedSystem, bytes_of, foreign_tree
from workbench.files.exchange.ml_bom import ml_bom_of
from workbench.files.exchange.otm import otm_of
from workbench.files.exchange.threat_dragon import threat_dragon_of
from workbench.files.messages import Findings

# The field by which a file is known -> its format, and how it is read.
FORMATS: dict[str, tuple[str, Callable[[Any, Findings], LoadedSystem]]] = {
    "otmVersion": ("Open Threat Model", otm_of),
    "bomFormat": ("CycloneDX", ml_bom_of),
    "detail": ("Threat Dragon", threat_dragon_of),
}


def read_any_system(path: str | Path) -> LoadedSystem:
    """Read a system from a file of ours, an Open Threat Model, Threat Dragon or a CycloneDX bill.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_any_system(str(path), bytes_of(path))


def parse_any_system(name: str, data: bytes) -> LoadedSystem:
    """Read a system, of whichever format, that came by another way.

    Raises
    ------
    FileRefused
        as `read_any_system` does.

    """
    findings = Findings(name)
    tree = foreign_tree(name, data, findings)
    for field, (_, read) in FORMATS.items():
        if isinstance(tree, dict) and field in tree:
            return read(tree, findings)
    return LoadedSystem(system_of(tree, findings), findings.warnings())
