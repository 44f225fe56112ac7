"""The catalogue of threats: a JSON or YAML file with `threats`, each with every field."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.files.catalogues.checking import attempted, formed, headed, made_rows, parsed
from workbench.files.forms.fields import Id, Name, Note, Strict
from workbench.files.messages import Findings
from workbench.resources import bundled
from workbench.threats.catalogue import Catalogue
from workbench.threats.threat import Proof, Threat

MOST_THREATS = 2_000
Ids = Annotated[list[Id], Field(max_length=100)]
Blank = Annotated[str, Field(max_length=1000)]


class ProofForm(Strict):
    """How a threat is known."""

    type: Name
    reference: Blank
    title: Blank
    kind: Blank
    certainty: Blank
    note: Blank


class ThreatForm(Strict):
    """One row."""

    id: Id
    title: Name
    description: Note
    stride: Annotated[list[Id], Field(min_length=1, max_length=6)]
    stride_fit: Id
    asset: Id
    stage: Id
    needs: Ids
    outside_needs: Ids = Field(default_factory=list)  # catalogues before 0.3 had none
    travels_with: Ids = Field(default_factory=list)  # catalogues before 0.4 had none
    atlas: Ids
    atlas_2026_07: Ids
    atlas_tactics: Ids
    atlas_maturity_max: Blank
    owasp: Ids
    owasp_llm_2026: Ids
    nist_ai_100_2: Ids
    mitigations: dict[str, Ids]
    evidence: ProofForm
    communities: Annotated[list[Id], Field(min_length=1, max_length=20)]
    loss_forms: Annotated[list[Id], Field(min_length=1, max_length=6)]
    added_in: Blank


class ThreatsForm(Strict):
    """The file."""

    version: Name
    date: Name
    notes: list[Note]
    threats: Annotated[list[Any], Field(min_length=1, max_length=MOST_THREATS)]


def shipped_threats() -> Catalogue:
    """Return the catalogue that ships with the workbench, read once."""
    return _read_once(bundled("datasets") / "threats" / "threats.json")


@cache
def _read_once(path: Path) -> Catalogue:
    return read_threats(path)


def read_threats(path: str | Path) -> Catalogue:
    """Read a catalogue of threats.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    return _catalogue(headed(path, ThreatsForm, findings), findings)


def parse_threats(name: str, data: bytes) -> Catalogue:
    """Read a catalogue of threats from bytes that came by another way."""
    findings = Findings(name)
    form = formed(parsed(name, data, findings), ThreatsForm, "", findings)
    findings.refuse_if_any()
    assert form is not None
    return _catalogue(form, findings)


def _catalogue(form: ThreatsForm, findings: Findings) -> Catalogue:
    threats = made_rows(form.threats, ThreatForm, _threat, findings)
    catalogue = attempted(lambda: Catalogue(tuple(threats), form.date), "", findings)
    findings.refuse_if_any()
    assert catalogue is not None
    return catalogue


def _threat(form: ThreatForm) -> Threat:
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name in ThreatForm.model_fields
        if name not in ("evidence", "mitigations")
        for value in (getattr(form, name),)
    }
    mitigations = {framework: tuple(ids) for framework, ids in form.mitigations.items()}
    return Threat(proof=Proof(**form.evidence.model_dump()), mitigations=mitigations, **fields)
