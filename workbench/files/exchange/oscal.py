"""What the OSCAL files share (NIST OSCAL 1.2, JSON): metadata, properties, identifiers.

What OSCAL has no field for stands in properties of a namespace of our own. Every identifier is a
UUID of version 5 (RFC 9562) made of what it names, and the caller says what time it is: the same
values give the same file.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from workbench.errors import require
from workbench.files.exchange.foreign import Foreign
from workbench.files.forms.fields import LONGEST_ID

VERSION = "1.2.3"
NAMESPACE = "urn:workbench:oscal"
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
_STAMP = re.compile(
    r"(19|2\d)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"T(2[0-3]|[01]\d):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)"
)
_LINE = re.compile(r"\S(?:[^\n\r\u2028\u2029]*\S)?")
_BELOW = "stands below"  # the value of a property whose text is no single line
Text = Annotated[str, Field(max_length=100_000)]


class PropertyForm(Foreign):
    """A name and a value, in a namespace."""

    name: Text
    value: Text
    ns: Text = ""
    remarks: Text = ""


class MetadataForm(Foreign):
    """Of the head, what is read."""

    title: Text
    version: Text = ""


class ResourceForm(Foreign):
    """One thing of the back matter."""

    uuid: Text
    title: Text = ""
    props: list[PropertyForm] = Field(default_factory=list)


class BackMatterForm(Foreign):
    """What is referred to."""

    resources: list[ResourceForm] = Field(default_factory=list)


def name_of(*parts: object) -> str:
    """Return the UUID of what these parts name."""
    return str(uuid.uuid5(_ROOT, "\x1f".join(map(str, parts))))


def metadata(title: str, version: str, stamp: str) -> dict[str, Any]:
    """Return the head of a file.

    Raises
    ------
    WorkbenchError
        for a stamp that is no time with its zone, and a title or version that is no single line.

    """
    require(
        _STAMP.fullmatch(stamp) is not None,
        "a file of OSCAL says when it was made, with the zone",
        got=stamp,
        fix="Write such as 2026-11-28T12:00:00Z.",
    )
    for text in (title, version):
        require(is_line(text), "a title and a version are one line", got=text, fix="Write one.")
    return {"title": title, "last-modified": stamp, "version": version, "oscal-version": VERSION}


def is_line(text: str) -> bool:
    """Whether OSCAL takes a text as a string: one line, no spaces around it."""
    return _LINE.fullmatch(text) is not None


def line(text: str) -> str:
    """Return a text in one line."""
    return " ".join(text.split())


def properties(values: Mapping[str, object]) -> list[dict[str, str]]:
    """Return properties of ours; what is None or an empty text is left out."""
    found = []
    for name, value in values.items():
        if value is None or value == "":
            continue
        text = str(value)
        one = {"name": name, "ns": NAMESPACE, "value": text if is_line(text) else _BELOW}
        found.append(one if is_line(text) else one | {"remarks": text})
    return found


def ours(props: Sequence[PropertyForm]) -> dict[str, str]:
    """Return our properties by their names."""
    return {one.name: _text(one) for one in props if one.ns == NAMESPACE}


def _text(one: PropertyForm) -> str:
    return one.remarks if one.value == _BELOW and one.remarks else one.value


def framework_id(text: str) -> str:
    """Return a title or the name of a file as the id of a framework that is not known."""
    plain = re.sub(r"[^0-9A-Za-z._-]+", "_", text).strip("._-")
    return plain[:LONGEST_ID] or "unnamed"
