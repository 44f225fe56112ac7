"""The models and data of a CycloneDX bill of materials, 1.5 to 1.7, as the draft of an AI system.

A bill of materials is an inventory: it knows no zones and no flows but which data a model was made
from and which model it descends from. All parts stand in one zone until somebody places them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from workbench.files.catalogues.checking import formed
from workbench.files.catalogues.systems import MOST_PARTS
from workbench.files.exchange.foreign import (
    Foreign,
    LoadedSystem,
    Title,
    bytes_of,
    foreign_tree,
    loaded,
    rows_of,
    whole,
)
from workbench.files.exchange.kinds import id_of
from workbench.files.forms.fields import Name
from workbench.files.messages import Findings, cut, echo
from workbench.threats.system import AISystem, Boundary, Component, Flow

ZONE = Boundary("inventory", "Not placed yet", 1)
MODEL, DATA = "machine-learning-model", "data"
KINDS = {MODEL: "base model", DATA: "training data"}
TASKS = {  # the task of a model card -> what is so of it, and of what it is a part
    **dict.fromkeys(("classification", "regression", "detection", "ranking"), "predictive"),
    **dict.fromkeys(("text-classification", "image-classification"), "predictive"),
    **dict.fromkeys(("object-detection", "tabular-classification"), "predictive"),
    **dict.fromkeys(("text-generation", "summarization", "translation"), "generative"),
    **dict.fromkeys(("image-generation", "text-to-image", "text-to-speech"), "generative"),
}
PUBLIC = "pkg:huggingface/"  # the package URL of a model from a public place
Parts = Annotated[list[Any], Field(max_length=20_000)]


class DatasetForm(Foreign):
    """What a model was made from: data that are named here, or a reference to a component."""

    ref: Name | None = None
    name: Name | None = None
    type: Name | None = None


class ParametersForm(Foreign):
    """How a model was made."""

    task: Name | None = None
    datasets: Annotated[list[DatasetForm], Field(max_length=1_000)] = Field(default_factory=list)


class CardForm(Foreign):
    """A model card."""

    parameters: Annotated[ParametersForm | None, Field(alias="modelParameters")] = None


class PedigreeForm(Foreign):
    """What a component descends from."""

    ancestors: Parts = Field(default_factory=list)


class ComponentForm(Foreign):
    """One component."""

    type: Name
    name: Name
    version: Title = ""
    ref: Annotated[Name | None, Field(alias="bom-ref")] = None
    purl: Title = ""
    card: Annotated[CardForm | None, Field(alias="modelCard")] = None
    pedigree: PedigreeForm | None = None
    components: Parts = Field(default_factory=list)

    @property
    def title(self) -> str:
        """Its name with its version."""
        return f"{self.name} {self.version}".strip()


class MetadataForm(Foreign):
    """What the bill is about."""

    component: Any = None


class BomForm(Foreign):
    """The file."""

    format: Annotated[Literal["CycloneDX"], Field(alias="bomFormat")]
    version: Annotated[Literal["1.5", "1.6", "1.7"], Field(alias="specVersion")]
    metadata: MetadataForm = MetadataForm()
    components: Parts = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was made from: a reference to a component, or a name where there is none."""

    place: str
    ref: str
    name: str
    kind: str
    model: str  # our id
    carries: str


class Draft:
    """The system as it grows while components are read."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.parts: dict[str, Component] = {}
        self.flows: dict[tuple[str, str], Flow] = {}
        self.by_ref: dict[str, str] = {}  # reference in the file -> our id
        self.by_name: dict[tuple[str, str], str] = {}  # what is named only: kind and name -> id
        self.origins: list[Origin] = []
        self.left: Counter[str] = Counter()  # components of other types
        self._stems: Counter[str] = Counter()

    def add(self, kind: str, name: str, facts: tuple[str, ...] = ()) -> str:
        """Take in a component; return its id."""
        stem = new = id_of(name, "part")
        while new in self.parts:
            self._stems[stem] += 1
            new = f"{stem}-{1 + self._stems[stem]}"
        self.parts[new] = Component(new, name, kind, ZONE.id, facts=facts)
        return new

    def link(self) -> None:
        """Draw the flows from what models were made from, wherever it stands in the file."""
        for one in self.origins:
            source = self.by_ref.get(one.ref) or self.by_name.get((one.kind, one.name))
            if source is None and one.name:
                source = self.add(one.kind, one.name)
                self.by_name[one.kind, one.name] = source
            if source is None:
                what = f"is no model and no data of the file, got {echo(one.ref)}"
                self.findings.error(one.place, "ref", what)
            else:
                way = (source, one.model)
                self.flows.setdefault(way, Flow(*way, one.carries))


def read_ml_bom(path: str | Path) -> LoadedSystem:
    """Read the models and data of a bill of materials as a draft.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    return parse_ml_bom(str(path), bytes_of(path))


def parse_ml_bom(name: str, data: bytes) -> LoadedSystem:
    """Read the models and data of a bill of materials that came by another way.

    Raises
    ------
    FileRefused
        as `read_ml_bom` does.

    """
    findings = Findings(name)
    return ml_bom_of(foreign_tree(name, data, findings), findings)


def ml_bom_of(tree: Any, findings: Findings) -> LoadedSystem:
    """Make the draft of a tree of plain data."""
    form = whole(tree, BomForm, findings)
    draft = Draft(findings)
    title = "Bill of materials"
    if form.metadata.component is not None:
        about = formed(form.metadata.component, ComponentForm, "metadata.component", findings)
        if about is not None:
            title = about.name
            _take("metadata.component", about, draft)
    _take_all(form.components, "components", draft)
    draft.link()
    _tell_left(draft)
    if len(draft.parts) > MOST_PARTS:
        what = f"have too many models and data, got {len(draft.parts)}, allowed {MOST_PARTS}"
        raise findings.refuse("", "components", what)
    parts, flows = tuple(draft.parts.values()), tuple(draft.flows.values())
    return loaded(
        lambda: AISystem(id_of(title, "inventory"), title, parts, flows, (ZONE,)), findings
    )


def _take_all(rows: list[Any], section: str, draft: Draft) -> None:
    for place, row in rows_of(rows, ComponentForm, section, draft.findings, "bom-ref"):
        _take(place, row, draft)


def _take(place: str, row: ComponentForm, draft: Draft) -> None:
    """Take in a component with what stands within it."""
    if row.type in KINDS:
        model = draft.add(KINDS[row.type], row.title, tuple(_facts(place, row, draft.findings)))
        if row.ref is not None and row.ref in draft.by_ref:
            draft.findings.error(place, "bom-ref", f"is used twice, got {echo(row.ref)}")
        draft.by_ref.setdefault(row.ref or model, model)
        if row.type == MODEL:
            draft.origins += _origins(place, row, model, draft.findings)
    else:
        draft.left[row.type] += 1
    _take_all(row.components, f"{cut(place, 200)} components", draft)


def _facts(place: str, row: ComponentForm, findings: Findings) -> Iterable[str]:
    """Yield what is so of a model by its card and by where it comes from, and tell it."""
    task = row.card.parameters.task if row.card and row.card.parameters else None
    known = TASKS.get(task.casefold().replace(" ", "-")) if task else None
    if task:
        what = f"is taken as the fact {known!r}" if known else "tells no fact that is known here"
        findings.warning(place, "modelCard.modelParameters.task", f"{what}, got {echo(task)}")
    if known:
        yield known
    if row.purl.startswith(PUBLIC):
        findings.warning(place, "purl", "is taken as the fact 'public_models'")
        yield "public_models"


def _origins(place: str, row: ComponentForm, model: str, findings: Findings) -> Iterable[Origin]:
    parameters = row.card.parameters if row.card else None
    for number, data in enumerate(parameters.datasets if parameters else (), 1):
        spot = f"{place}: modelCard.modelParameters.datasets.{number}"
        if (data.ref is None) == (data.name is None):
            findings.error(spot, "", "has a ref or a name, got both or neither")
        else:
            ref, title = data.ref or "", data.name or ""
            yield Origin(spot, ref, title, "training data", model, "data it was made from")
    ancestors = row.pedigree.ancestors if row.pedigree else []
    for spot, base in rows_of(ancestors, ComponentForm, f"{place} ancestors", findings, "bom-ref"):
        if base.type == MODEL:
            carries = "weights it was made from"
            yield Origin(spot, base.ref or "", base.title, "base model", model, carries)


def _tell_left(draft: Draft) -> None:
    findings = draft.findings
    if draft.left:
        counts = ", ".join(f"{echo(kind)} {count}" for kind, count in sorted(draft.left.items()))
        findings.warning("", "components", f"of other types are left out: {counts}")
    if draft.parts:
        what = "all stand in one zone, reached by nobody; place them, and add what uses them"
        findings.warning("", "components", what)
    elif not findings.has_errors:
        findings.error("", "components", f"none is a {MODEL}, and none is {DATA}")
