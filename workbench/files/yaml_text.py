"""YAML 1.2 text to plain data, from the events of ruamel's parser: no tag ever makes an object.

The scalars are resolved here and not by the library, so that exactly the core schema of YAML 1.2 is
read: `no`, `on`, `1_000` and `12:30:00` are texts, and what other programs would read as another
number (`0100`, `0x10`) is reported.
"""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from workbench.files.messages import FileRefused, Findings, echo
from workbench.files.numerals import number
from workbench.files.tree import DEEPEST, STUDY, Limits, mapping_of

_FLOOD = "too many values for YAML; write it as CSV or JSON"
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_yaml(text: str, findings: Findings, limits: Limits = STUDY) -> Any:
    """Read one YAML document.

    Raises
    ------
    FileRefused
        for what is no single document, for anchors, aliases, tags, merge keys, keys that are no
        text, nesting deeper than `DEEPEST`, and floods of values.

    """
    if sum(map(text.count, ",:-")) > limits.yaml_marks:
        raise findings.refuse("", "", _FLOOD)
    _check_characters(text, findings)
    try:
        return _Composer(text, findings, limits).document()
    except FileRefused:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark is not None else ""
        why = str(error.problem or error.context or "it cannot be read")
        raise findings.refuse(place, "", f"not valid YAML: {why}{_hint(why)}") from None
    except (YAMLError, ValueError, LookupError, TypeError, RecursionError) as error:
        # Rare texts leave the parser by an error of another kind: '"\\U00110000"' by a ValueError.
        why = str(error).partition("\n")[0]
        raise findings.refuse("", "", f"not valid YAML, on some line: {why}") from None


def _hint(why: str) -> str:
    if "\\t" in why:
        return "; indent with spaces, not tabs"
    if "mapping values are not allowed" in why:
        return "; put a text that holds ': ' in quotes, and check the indentation"
    if "cannot start any token" in why:
        return "; put the text in quotes"
    return ""


def _check_characters(text: str, findings: Findings) -> None:
    """Refuse raw control characters with their line; YAML allows tab and line ends only."""
    if text.isprintable():
        return
    for number_of_line, line in enumerate(text.split("\n"), 1):
        if line.isprintable():
            continue
        for ch in line.rstrip("\r"):
            code = ord(ch)
            if (code < 0x20 and ch != "\t") or 0x7F <= code < 0xA0 or code in (0xFFFE, 0xFFFF):
                what = f"a raw control character {echo(ch)}; remove it"
                raise findings.refuse(f"line {number_of_line}", "", what)


class _Composer:
    """Builds plain data from parser events, iteratively bounded by `DEEPEST`."""

    def __init__(self, text: str, findings: Findings, limits: Limits) -> None:
        self.findings = findings
        self.limits = limits
        self.depth = 0
        self.events = self._counted(YAML(typ="safe", pure=True).parse(text))

    def _counted(self, events: Iterator[Any]) -> Iterator[Any]:
        for count, event in enumerate(events):
            if count > self.limits.yaml_events:
                raise self._refuse(event, _FLOOD)
            yield event

    def _refuse(self, event: Any, what: str) -> FileRefused:
        return self.findings.refuse(f"line {event.start_mark.line + 1}", "", what)

    def document(self) -> Any:
        """Return the one document; nothing but its end may follow."""
        next(self.events)  # the stream
        start = next(self.events)
        if not isinstance(start, DocumentStartEvent):
            return None  # comments only
        if start.version is not None and tuple(start.version) != (1, 2):
            raise self._refuse(start, "only YAML 1.2 is read; remove the %YAML line")
        if start.tags:
            raise self._refuse(start, "%TAG is not read; remove that line")
        tree = self.value(next(self.events))
        next(self.events)  # the end of the document
        after = next(self.events)
        if isinstance(after, DocumentStartEvent):
            raise self._refuse(after, "a second document begins; one file holds one document")
        return tree

    def value(self, event: Any) -> Any:
        """Return the value that begins with `event`."""
        if isinstance(event, AliasEvent):
            what = f"the alias {echo('*' + event.anchor)} is not read; write the value out"
            raise self._refuse(event, what)
        if event.anchor is not None:
            what = f"the anchor {echo('&' + event.anchor)} is not read; remove it"
            raise self._refuse(event, what)
        if event.tag is not None:
            raise self._refuse(event, f"the tag {echo(str(event.tag))} is not read; remove it")
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._refuse(event, f"nested deeper than {DEEPEST} levels; a study needs 15")
        items = self.list_items if isinstance(event, SequenceStartEvent) else self.pairs
        found = items()
        self.depth -= 1
        return found

    def list_items(self) -> list[Any]:
        """Return the entries up to the end of the list."""
        found = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            found.append(self.value(event))
        return found

    def pairs(self) -> Any:
        """Return the pairs up to the end of the mapping."""
        found = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.value(event)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                raise self._refuse(event, "a key is a plain word, not a list or a mapping")
            if not isinstance(key, str):
                what = f"a key is a text, got {echo(event.value)}; put it in quotes if it is meant"
                raise self._refuse(event, what)
            if key == "<<":
                raise self._refuse(event, "the merge key '<<' is not read; write the fields out")
            found.append((key, self.value(next(self.events))))
        return mapping_of(found, self.limits.fields)


def _scalar(event: Any) -> Any:
    """Resolve a scalar by the core schema; quoted and block scalars are texts."""
    text: str = event.value
    if event.style is not None and event.style != "":
        return _joined(text)
    if text in _WORDS:
        return _WORDS[text]
    found = number(text)
    return _joined(text) if found is None else found


def _joined(text: str) -> str:
    r"""Join the surrogate pairs that JSON in YAML writes as two escapes ('\ud83d\ude00')."""
    if text.isascii() or not any("\ud800" <= ch <= "\udfff" for ch in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
