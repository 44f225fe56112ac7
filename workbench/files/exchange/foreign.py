"""What all files of other programs share: limits, forms with fields of no interest, rows."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, ConfigDict, Field

from workbench.files.catalogues.checking import formed, parsed, placed
from workbench.files.catalogues.systems import MOST_PARTS, checked_system
from workbench.files.forms.fields import LONGEST_NAME, Strict, check_text
from workbench.files.messages import Findings, echo
from workbench.files.opening import LARGEST_FILE, read_bytes
from workbench.files.tree import FOREIGN
from workbench.threats.system import AISystem, Flow

MOST_ROWS = 20_000


class Foreign(Strict):
    """A form of which the fields that are named are checked, and all others left alone."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


def _check_title(text: str) -> str:
    return check_text(text) if text.strip() else ""


# A text as it may stand in a name, or nothing.
Title = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_check_title)]
Form = TypeVar("Form", bound=Foreign)


def bytes_of(path: str | Path) -> bytes:
    """Read a file as every file is read.

    Raises
    ------
    FileRefused
        for what is missing, too large or no regular file.

    """
    return read_bytes(path, Findings(str(path)))


def foreign_tree(name: str, data: bytes, findings: Findings) -> Any:
    """Read the bytes of a JSON or YAML file of another program as plain data.

    Raises
    ------
    FileRefused
        for another kind of file, or one that is not well formed.

    """
    if len(data) > LARGEST_FILE:
        raise findings.refuse("", "", f"the file is too large, allowed {LARGEST_FILE >> 20} MiB")
    if name.lower().endswith(".otm"):  # an Open Threat Model is either kind of text
        name += ".json" if data.lstrip().startswith(b"{") else ".yaml"
    return parsed(name, data, findings, FOREIGN)


def opened(name: str, data: bytes, form: type[Form]) -> tuple[Form, Findings]:
    """Return the whole of a JSON or YAML file as its form, and where its faults are gathered.

    Raises
    ------
    FileRefused
        for another kind of file, or one that is not well formed; with every fault of the form.

    """
    findings = Findings(name)
    return whole(foreign_tree(name, data, findings), form, findings), findings


def whole(tree: Any, form: type[Form], findings: Findings, place: str = "") -> Form:
    """Return a whole file, or what stands in it at a place, as its form.

    Raises
    ------
    FileRefused
        with every fault of it.

    """
    found = formed(tree, form, place, findings)
    findings.refuse_if_any()
    assert found is not None
    return found


def rows_of(
    rows: list[Any], form: type[Form], section: str, findings: Findings, name: str = "id"
) -> list[tuple[str, Form]]:
    """Return each row of a section that is of its form, with its place: 'techniques row 2 (T1)'.

    Rows that are not are reported and left out; so is all beyond `MOST_ROWS`.
    """
    if len(rows) > MOST_ROWS:
        findings.error(section, "", f"has {len(rows)} rows, allowed {MOST_ROWS}")
        return []
    found = []
    for place, row in _in(section, rows, name):
        checked = formed(row, form, place, findings)
        if checked is not None:
            found.append((place, checked))
    return found


def _in(section: str, rows: list[Any], name: str) -> Iterator[tuple[str, Any]]:
    for place, row in placed(rows, name):
        yield f"{section} {place}", row


def report_twice(places: list[tuple[str, str]], findings: Findings) -> None:
    """Report each id of (place, id) that was there before."""
    first: dict[str, str] = {}
    for place, name in places:
        if name in first:
            where = first[name].partition(" (")[0]
            findings.error(place, "id", f"is used twice, got {echo(name)}, first in {where}")
        first.setdefault(name, place)


@dataclass(frozen=True, slots=True)
class LoadedSystem:
    """A system that passed the gate, and what was guessed or left out on the way."""

    system: AISystem
    warnings: tuple[str, ...] = ()


class Flows:
    """The flows of a file; several of one way are joined, since a flow is known by its two ends."""

    def __init__(self, components: Collection[str], findings: Findings) -> None:
        self._components = components
        self._findings = findings
        self._carried: dict[tuple[str, str], list[str]] = {}
        self._contents: dict[tuple[str, str], list[str]] = {}

    def add(
        self,
        place: str,
        ends: tuple[tuple[str, str], tuple[str, str]],
        carries: str,
        contents: Iterable[str] = (),
    ) -> None:
        """Take in one flow; `ends` are (field, id) of its source and of its target."""
        known = True
        for field, name in ends:
            if name not in self._components:
                self._findings.error(place, field, f"is no component of the file, got {echo(name)}")
                known = False
        way = (ends[0][1], ends[1][1])
        if way in self._carried and carries not in self._carried[way]:
            what = f"is joined with another flow from {way[0]} to {way[1]}"
            self._findings.warning(place, "", what)
        if known:
            self._carried.setdefault(way, []).append(carries)
            self._contents.setdefault(way, []).extend(contents)

    def flows(self) -> tuple[Flow, ...]:
        """Return them in the order in which they came."""
        return tuple(
            Flow(
                *way,
                "; ".join(dict.fromkeys(texts))[:LONGEST_NAME],
                tuple(dict.fromkeys(self._contents[way])),
            )
            for way, texts in self._carried.items()
        )


def loaded(make: Callable[[], AISystem], findings: Findings) -> LoadedSystem:
    """Return the system that is made once nothing was reported, with the warnings.

    Raises
    ------
    FileRefused
        with every fault of the file, that of the whole last.

    """
    findings.refuse_if_any()
    system = checked_system(make, findings)
    for field in ("components", "flows", "boundaries"):
        count = len(getattr(system, field))
        if count > MOST_PARTS:
            findings.error("", field, f"are too many, got {count}, allowed {MOST_PARTS}")
    findings.refuse_if_any()
    return LoadedSystem(system, findings.warnings())
