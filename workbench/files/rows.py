"""One row of a study file to a Scenario: shape, lens, order of bounds, and ids that are unique."""

import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError

from workbench.files.building import made, tell_disorder
from workbench.files.forms.fields import Strict
from workbench.files.forms.scenario import ScenarioForm
from workbench.files.messages import Findings, Spot, echo, short
from workbench.files.suspicious import doubts, looks_like_date
from workbench.files.tree import Unreadable, repeated_keys
from workbench.files.ways import has_all
from workbench.files.wording import ALLOWED, NOT_COMPUTED, path_of, sentence
from workbench.models.scenario import Scenario

_TEXTS = ("id", "name", "system", "owner")


def place_of(number: int, row: Any) -> str:
    """Write 'row 2 (scenario S-002)', with the id only where it is one."""
    name = row.get("id") if isinstance(row, dict) else None
    if isinstance(name, str) and name:
        return f"row {number} (scenario {short(name)})"
    return f"row {number}"


def report_faults(
    error: ValidationError,
    model: type[Strict],
    place: str,
    findings: Findings,
    later: Collection[str] = (),
) -> None:
    """Report every fault that the schema found; beyond the messages that are kept, count them.

    Parameters
    ----------
    later : names that the model may have in a later version

    """
    if findings.is_full:
        findings.count(error.error_count())
        return
    for fault in error.errors(include_url=False):
        findings.error(place, path_of(fault["loc"]), sentence(fault, model.model_fields, later))


def report_repeats(mapping: dict[str, Any], place: str, findings: Findings) -> bool:
    """Report every field that was written twice, at any depth; return whether there is one."""
    repeated = list(repeated_keys(mapping))
    for field in repeated:
        findings.error(place, field, "is written twice (a duplicate key); keep one")
    return bool(repeated)


class Ids:
    """The ids seen so far; two that differ only by case or by Unicode form are taken as equal."""

    def __init__(self, findings: Findings) -> None:
        self._seen: dict[str, tuple[str, str]] = {}
        self._findings = findings

    def names(self) -> Iterator[str]:
        """Yield the ids as they were written first."""
        return (name for _, name in self._seen.values())

    def add(self, place: str, name: str) -> None:
        """Record an id, or report the place where it stands for the second time."""
        key = name if name.isascii() else unicodedata.normalize("NFKC", name)
        key = key.casefold()
        if key not in self._seen:
            self._seen[key] = place, name
            return
        first_place, first = self._seen[key]
        how = (
            "is used twice" if first == name else f"differs from {echo(first)} only by its writing"
        )
        what = f"{how}, got {echo(name)}, first in {first_place.partition(' (')[0]}"
        self._findings.error(place, "id", f"{what}; give each its own")


class RowReader:
    """Reads the rows of one file, in order."""

    def __init__(
        self, findings: Findings, *, kind: str, bare: bool, assets: frozenset[str], levels: int
    ) -> None:
        self.findings = findings
        self.kind = kind  # csv, xlsx, yaml or json
        self.bare = bare  # a table without a study section: both levels are required
        self.assets = assets
        self.levels = levels  # of the severity matrix
        self.ids = Ids(findings)

    def scenario(self, place: str, row: Any) -> Scenario | None:
        """Return the scenario of a row, or report every fault of it and return None."""
        if not isinstance(row, dict):
            what = row.what if isinstance(row, Unreadable) else "is not a mapping of fields"
            self.findings.error(place, "", f"{what}, got {echo(row)}")
            return None
        spot = Spot(self.findings, place)
        has_repeats = report_repeats(row, place, self.findings)
        name = row.get("id")
        if isinstance(name, str):
            self.ids.add(place, name)
        form = None
        try:
            form = ScenarioForm.model_validate(row)
        except ValidationError as error:
            report_faults(error, ScenarioForm, place, self.findings, NOT_COMPUTED)
            tell_disorder(row, spot)
        complete = has_all(row, bare=self.bare, spot=spot)
        if form is None or not complete or has_repeats or not self._has_levels(form, spot):
            return None
        self._warn(place, form)
        return made(form, self.bare, self.assets, spot)

    def _has_levels(self, form: ScenarioForm, spot: Spot) -> bool:
        """Whether the levels are those of the study's matrix, in every state."""
        before = spot.findings.error_count
        states = {"": form, "inherent.": form.inherent, "residual.": form.residual}
        for prefix, state in states.items():
            for name in ("likelihood", "consequence"):
                level = getattr(state, name, None)
                if level is not None and level > self.levels:
                    what = f"is out of range, got {echo(level)}, allowed {ALLOWED[name]}"
                    spot.error(f"{prefix}{name}", what)
        return spot.findings.error_count == before

    def _warn(self, place: str, form: ScenarioForm) -> None:
        for name in _TEXTS:
            for doubt in doubts(getattr(form, name) or "x"):
                self.findings.warning(place, name, doubt)
        if self.kind == "yaml" and looks_like_date(form.id):
            what = f"looks like a date, got {echo(form.id)}; put it in quotes for other programs"
            self.findings.warning(place, "id", what)
