"""A catalogue as a head and rows: each is checked by itself, every fault told with its place."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from workbench.errors import WorkbenchError, nearest
from workbench.files.forms.fields import Strict
from workbench.files.json_text import read_json
from workbench.files.messages import Findings, echo, glimpse, short
from workbench.files.opening import decode, kind_of, read_bytes
from workbench.files.rows import report_faults, report_repeats
from workbench.files.tree import STUDY, Limits
from workbench.files.wording import plain

MOST_ALLOWED = 24  # words that a fault names, no fewer than there are kinds of component
Form = TypeVar("Form", bound=Strict)
Value = TypeVar("Value")


def tree_of(path: str | Path, findings: Findings) -> Any:
    """Read a JSON or YAML file as plain data.

    Raises
    ------
    FileRefused
        for another kind of file, or one that is not well formed.

    """
    data = read_bytes(path, findings)
    return parsed(str(path), data, findings)


def parsed(name: str, data: bytes, findings: Findings, limits: Limits = STUDY) -> Any:
    """Read the bytes of a JSON or YAML file as plain data."""
    kind = kind_of(name, data, findings, limits)
    text = decode(data, findings)
    if kind == "json":
        return read_json(text, findings, limits)
    if kind == "yaml":
        from workbench.files.yaml_text import read_yaml  # a tenth of a second, for YAML only

        return read_yaml(text, findings, limits)
    raise findings.refuse("", "", "this is a table; write it as YAML or JSON")


def formed(tree: Any, form: type[Form], place: str, findings: Findings) -> Form | None:
    """Return a mapping as a form, or report each of its faults and return None."""
    if not isinstance(tree, dict):
        got = echo(tree) if place else glimpse(tree)
        findings.error(place, "", f"is not a mapping of fields, got {got}")
        return None
    has_repeats = report_repeats(tree, place, findings)
    try:
        found = form.model_validate(tree)
    except ValidationError as error:
        report_faults(error, form, place, findings)
        return None
    return None if has_repeats else found


def unknown(got: str, allowed: Collection[str]) -> str:
    """Say that a word is none of those that are allowed, and which is nearest to it."""
    names = list(allowed)
    few = names if len(names) <= MOST_ALLOWED else names[:3]
    told = ", ".join(map(short, few)) + (f" and {len(names) - 3} more" if few != names else "")
    near = nearest(got, names, 1)
    meant = f"; did you mean {echo(near[0])}?" if near else ""
    return f"is not known, got {echo(got)}, allowed {told or 'none'}{meant}"


def headed(path: str | Path, form: type[Form], findings: Findings) -> Form:
    """Read a file whose whole mapping is one form.

    Raises
    ------
    FileRefused
        with every fault of it.

    """
    return headed_bytes(str(path), read_bytes(path, findings), form, findings)


def headed_bytes(name: str, data: bytes, form: type[Form], findings: Findings) -> Form:
    """Read the bytes of a file whose whole mapping is one form; `name` is the file's name."""
    found = formed(parsed(name, data, findings), form, "", findings)
    findings.refuse_if_any()
    assert found is not None
    return found


def placed(rows: list[Any], *names: str) -> Iterator[tuple[str, Any]]:
    """Yield each row with its place: 'row 2 (STAI-002)'.

    Parameters
    ----------
    names : the fields that a row is known by, "id" unless told; of several, 'row 2 (one -> other)'

    """
    for number, row in enumerate(rows, 1):
        given = [row.get(name) if isinstance(row, dict) else None for name in names or ("id",)]
        texts = [short(one) for one in given if isinstance(one, str) and one]
        tail = f" ({' -> '.join(texts)})" if len(texts) == len(given) else ""
        yield f"row {number}{tail}", row


def made_rows(
    rows: list[Any], form: type[Form], make: Callable[[Form], Value], findings: Findings
) -> list[Value]:
    """Return what is made of each row; faults of a row are reported, and the row is left out."""
    found = []
    for place, row in placed(rows):
        checked = formed(row, form, place, findings)
        if checked is None:
            continue
        value = attempted(partial(make, checked), place, findings)
        if value is not None:
            found.append(value)
    return found


def attempted(make: Callable[[], Value], place: str, findings: Findings) -> Value | None:
    """Return what is made, or report the rule of the model that it breaks."""
    try:
        return make()
    except WorkbenchError as error:
        findings.error(place, "", plain(error))
        return None
