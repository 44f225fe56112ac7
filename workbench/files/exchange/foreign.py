"""What all files of other programs share: limits, forms with fields of no interest, rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict

from workbench.files.catalogues.checking import formed, parsed, placed
from workbench.files.forms.fields import Strict
from workbench.files.messages import Findings, echo
from workbench.files.opening import LARGEST_FILE, read_bytes
from workbench.files.tree import FOREIGN

MOST_ROWS = 20_000


class Foreign(Strict):
    """A form of which the fields that are named are checked, and all others left alone."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


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
    return parsed(name, data, findings, FOREIGN)


def whole(tree: Any, form: type[Form], findings: Findings) -> Form:
    """Return a whole file as its form.

    Raises
    ------
    FileRefused
        with every fault of it.

    """
    found = formed(tree, form, "", findings)
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
