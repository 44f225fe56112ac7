"""The parts of a study file to a Study: sections, assets, tolerance, and all rows before any."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from workbench.errors import WorkbenchError
from workbench.files.beliefs import VALUE, belief
from workbench.files.dependence import check_ties, dependence
from workbench.files.forms.fields import MOST_SCENARIOS
from workbench.files.forms.study import AnchorsForm, HeadForm, TolerancePointForm
from workbench.files.messages import Findings, Spot, echo, glimpse, short
from workbench.files.rows import Ids, RowReader, place_of, report_faults, report_repeats
from workbench.files.suspicious import doubts
from workbench.files.wording import NOT_COMPUTED, plain, unknown_field
from workbench.models.anchors import Anchors
from workbench.models.scenario import LEVELS, Scenario
from workbench.models.study import (
    DEFAULT_CURRENCY,
    DEFAULT_LEVELS,
    DEFAULT_NAME,
    DEFAULT_SEED,
    Asset,
    Study,
    TolerancePoint,
)
from workbench.threats.drafting import to_be_elicited

SECTIONS = ("study", "scenarios")
NO_HEAD = HeadForm()


def study_from_table(
    rows: Iterable[tuple[str, Any]], findings: Findings, kind: str = "csv"
) -> Study:
    """Read the rows of a CSV or XLSX table; see `study_from_tree`."""
    reader = RowReader(findings, kind=kind, bare=True, assets=frozenset(), levels=DEFAULT_LEVELS)
    return _study(NO_HEAD, rows, reader)


def study_from_tree(tree: Any, kind: str, findings: Findings) -> Study:
    """Read what a YAML or JSON file holds: a list of scenarios, or `scenarios:` with a `study:`.

    Raises
    ------
    FileRefused
        with every fault of the file, the first fifty in words.

    """
    head: Any = None
    rows: Any = tree
    if isinstance(tree, dict):
        _check_sections(tree, findings)
        head, rows = tree.get("study"), tree.get("scenarios")
    elif not isinstance(tree, list):
        what = f"the file holds {_kind(tree)}, allowed a list of scenarios or a mapping with"
        raise findings.refuse("", "", f"{what} scenarios: (and study:)")
    bare = not (isinstance(tree, dict) and "study" in tree)
    form = NO_HEAD if bare else _head(head, findings)
    if not isinstance(rows, list):
        what = "is missing" if rows is None else f"is not a list, got {echo(rows)}"
        raise findings.refuse("", "scenarios", f"{what}, allowed a list of scenarios")
    if len(rows) > MOST_SCENARIOS:
        what = f"has {len(rows)} entries, allowed {MOST_SCENARIOS}"
        raise findings.refuse("", "scenarios", what)
    assets = frozenset(_asset_ids(head))
    reader = RowReader(findings, kind=kind, bare=bare, assets=assets, levels=_levels(form))
    return _study(form, _placed(rows), reader)


def _levels(form: HeadForm | None) -> int:
    """How many levels the matrix has; as many as any where the head could not be read."""
    if form is None:
        return LEVELS[-1]
    return DEFAULT_LEVELS if form.anchors is None else len(form.anchors.likelihood)


def _kind(tree: Any) -> str:
    return "nothing (null)" if tree is None else f"one value, got {glimpse(tree)}"


def _placed(rows: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((place_of(number, row), row) for number, row in enumerate(rows, 1))


def _check_sections(tree: dict[str, Any], findings: Findings) -> None:
    for key in getattr(tree, "keys_twice", ()):
        findings.error("", key, "is written twice (a duplicate key); keep one")
    for key in tree:
        if key not in SECTIONS:
            findings.error("", key, unknown_field(key, SECTIONS, NOT_COMPUTED))


def _head(head: Any, findings: Findings) -> HeadForm | None:
    """Check the study section; None where it has a fault."""
    if not isinstance(head, dict):
        findings.error("", "study", f"is not a mapping, got {echo(head)}")
        return None
    has_repeats = report_repeats(head, "study", findings)
    try:
        form = HeadForm.model_validate(head)
    except ValidationError as error:
        report_faults(error, HeadForm, "study", findings, NOT_COMPUTED)
        return None
    return None if has_repeats else form


def _asset_ids(head: Any) -> Iterator[str]:
    """Yield what ids the file gives its assets, also where another fault refuses them."""
    assets = head.get("assets") if isinstance(head, dict) else None
    for asset in assets if isinstance(assets, list) else ():
        if isinstance(asset, dict) and isinstance(asset.get("id"), str):
            yield asset["id"]


def _study(form: HeadForm | None, rows: Iterable[tuple[str, Any]], reader: RowReader) -> Study:
    """Check everything, then make the study."""
    findings = reader.findings
    scenarios: list[Scenario] = []
    for place, row in rows:
        scenario = reader.scenario(place, row)
        if scenario is not None and not findings.has_errors:
            scenarios.append(scenario)
    head = form or NO_HEAD
    assets = _assets(head, findings)
    tolerance = _tolerance(head, findings)
    anchors = _anchors(head.anchors, findings)
    ties = dependence(head.dependence, reader.ids.names(), findings)
    findings.refuse_if_any()
    _warn(head, assets, scenarios, findings)
    try:
        study = Study(
            name=head.name or DEFAULT_NAME,
            currency=head.currency or DEFAULT_CURRENCY,
            seed=DEFAULT_SEED if head.seed is None else head.seed,
            assets=tuple(assets),
            scenarios=tuple(scenarios),
            tolerance=tuple(tolerance),
            anchors=anchors,
            dependence=ties,
        )
    except WorkbenchError as error:  # a rule of the model that this gate does not know
        raise findings.refuse("study", "", plain(error)) from None
    check_ties(study, findings)
    findings.refuse_if_any()
    return study


def _assets(head: HeadForm, findings: Findings) -> list[Asset]:
    found = []
    ids = Ids(findings)
    for number, form in enumerate(head.assets or (), 1):
        place = f"study, assets row {number} ({short(form.id)})"
        ids.add(place, form.id)
        value = belief(form.value, "value", VALUE, Spot(findings, place))
        if value is not None:
            found.append(Asset(form.id, form.name, value))
    return found


def _anchors(form: AnchorsForm | None, findings: Findings) -> Anchors | None:
    if form is None:
        return None
    try:
        return Anchors(tuple(form.likelihood), tuple(form.consequence))
    except WorkbenchError as error:
        findings.error("study", "anchors", plain(error))
        return None


def _tolerance(head: HeadForm, findings: Findings) -> list[TolerancePoint]:
    """Check that a larger loss is tolerated with a smaller or equal probability."""
    rows = sorted(enumerate(head.tolerance or (), 1), key=lambda row: (row[1].loss, row[0]))
    for (first, a), (second, b) in itertools.pairwise(rows):
        place = f"study, tolerance row {second}"
        if a.loss == b.loss:
            what = f"is stated twice, got {echo(b.loss)}, first in row {first}"
            findings.error(place, "loss", what)
        elif b.probability > a.probability:
            findings.error(place, "probability", _rising(a, b, first))
    return [TolerancePoint(row.loss, row.probability) for _, row in rows]


def _rising(a: TolerancePointForm, b: TolerancePointForm, first: int) -> str:
    what = f"rises with the loss, got {echo(b.probability)} for the larger loss"
    return f"{what}, allowed at most {a.probability:.15g} (row {first})"


def _warn(
    head: HeadForm, assets: list[Asset], scenarios: list[Scenario], findings: Findings
) -> None:
    for doubt in doubts(head.name) if head.name else ():
        findings.warning("study", "name", doubt)
    used = {scenario.asset for scenario in scenarios}
    for number, asset in enumerate(assets, 1):
        place = f"study, assets row {number} ({short(asset.id)})"
        for field in ("id", "name"):
            for doubt in doubts(getattr(asset, field)):
                findings.warning(place, field, doubt)
        if asset.id not in used:
            findings.warning(place, "id", "is used by no scenario")
    if not scenarios:
        findings.warning("", "scenarios", "there are none: nothing can be computed from this file")
    waiting = to_be_elicited(scenarios)
    if waiting:
        of = f"{len({one for one, _ in waiting})} of {len(scenarios)} scenarios"
        what = (
            f"{len(waiting)} ranges of {of} are placeholders: elicit them before a figure is used"
        )
        findings.warning("", "assumptions", what)
