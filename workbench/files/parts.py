"""One part of a study as text that a person edits, and such a text as that part.

A text passes the same gate as a file: the part is read as the one row of a study that has what else
the part needs, its asset and its anchors.
"""

from collections.abc import Mapping
from typing import Any

from workbench.errors import require
from workbench.files.assembly import study_from_tree
from workbench.files.messages import Findings, echo
from workbench.files.opening import decode
from workbench.files.writing import plain_row, yaml_text
from workbench.files.yaml_text import read_yaml
from workbench.models.scenario import Scenario
from workbench.models.study import Asset, TolerancePoint

NAME = "the text"  # what a text is called in a fault
TOLERANCE = "tolerance"
Part = Scenario | Asset | tuple[TolerancePoint, ...]


def part_tree(part: Part) -> Any:
    """Return a part as it stands in a study file: a row, or the rows of the tolerance."""
    if isinstance(part, tuple):
        return [point.to_dict() for point in part]
    return plain_row(part.to_dict())


def part_text(part: Part) -> str:
    """Return a part as YAML."""
    tree = part_tree(part)
    return yaml_text({TOLERANCE: tree} if isinstance(tree, list) else tree)


def tree_of(text: str, name: str = NAME) -> Any:
    """Return what a YAML text holds.

    Raises
    ------
    FileRefused
        for what is no single document of plain data.

    """
    findings = Findings(name)
    return read_yaml(decode(text.encode("utf-8", "surrogatepass"), findings), findings)


def scenario_of(row: Any, around: Mapping[str, Any], name: str = NAME) -> Scenario:
    """Return the scenario of a row, checked as a row of a study whose head is `around`.

    Raises
    ------
    FileRefused
        with a line for each fault.

    """
    return study_from_tree(_rows([row], around), "yaml", Findings(name)).scenarios[0]


def asset_of(row: Any, name: str = NAME) -> Asset:
    """Return the asset of a row; raises as `scenario_of` does."""
    return study_from_tree(_rows([], {"assets": [row]}), "yaml", Findings(name)).assets[0]


def tolerance_of(rows: Any, name: str = NAME) -> tuple[TolerancePoint, ...]:
    """Return the tolerance that rows state; raises as `scenario_of` does."""
    return study_from_tree(_rows([], {TOLERANCE: rows}), "yaml", Findings(name)).tolerance


def tolerance_rows(tree: Any, name: str = NAME) -> Any:
    """Return the rows of a text that states a tolerance and nothing else."""
    findings = Findings(name)
    if not isinstance(tree, dict) or set(tree) != {TOLERANCE}:
        what = f"holds something else, got {echo(tree)}, allowed one list under tolerance:"
        raise findings.refuse("", "", what)
    return tree[TOLERANCE]


def check_id(part: Scenario | Asset, wanted: str) -> None:
    """Refuse a part under another id: that is another part."""
    rule = "the id of a record stays what it is"
    require(part.id == wanted, rule, got=part.id[:80], fix=f"Write {wanted}, or make another.")


def _rows(scenarios: list[Any], head: Mapping[str, Any]) -> dict[str, Any]:
    return {"study": dict(head), "scenarios": scenarios}
