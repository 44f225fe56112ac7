"""The XML parts of a workbook, one element after the other, without DTD and without entities."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Protocol
from xml.sax import SAXException, SAXParseException

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from workbench.files.messages import FileRefused, Findings, echo
from workbench.files.xlsx_archive import Archive

MOST_ELEMENTS = 4_000_000  # of all parts; a table of 100,000 rows has up to 2.6 million
DEEPEST_XML = 64  # levels of elements; a sheet has eight


class Attributes(Protocol):
    """The attributes of an element by their names as written."""

    def get(self, name: str) -> str | None: ...

    def items(self) -> list[tuple[str, str]]: ...


class Listener(Protocol):
    """What is told of a part: local names, since each writer has prefixes of its own."""

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin an element."""

    def end(self, name: str) -> None:
        """End an element."""

    def text(self, data: str) -> None:
        """Take some of the text within an element."""


class Enough(Exception):
    """Raised by a listener that has what it wants."""


class XmlReader:
    """Reads the parts of one workbook and counts their elements together."""

    def __init__(self, archive: Archive, findings: Findings) -> None:
        self.archive = archive
        self.findings = findings
        self._count = 0
        self._depth = 0

    def read(self, part: str, listener: Listener) -> None:
        """Tell `listener` all of a part, or until it has enough.

        Raises
        ------
        FileRefused
            for what is no well-formed XML, a DTD, entities, and floods of elements.

        """
        for _ in self.steps(part, listener):
            pass

    def steps(self, part: str, listener: Listener) -> Iterator[None]:
        """Read a part as `read` does, and pause after every chunk of it."""
        self._depth = 0
        parser = make_parser()
        parser.forbid_dtd = True
        parser.setContentHandler(self._handler(listener))
        try:
            for chunk in self.archive.chunks(part):
                parser.feed(chunk)
                yield
            parser.close()  # newer parsers keep some of it up to here
            yield
        except Enough:
            return
        except FileRefused:
            raise
        except DefusedXmlException:
            what = f"the part {echo(part)} has a document type or an entity, which are never read"
            raise self.findings.refuse("", "", what) from None
        except (SAXException, LookupError, ValueError) as error:
            what = f"the part {echo(part)} is not well-formed XML: {_why(error)}"
            raise self.findings.refuse("", "", what) from None

    def _handler(self, listener: Listener) -> SimpleNamespace:
        begin, finish = listener.start, listener.end

        def start(name: str, attributes: Attributes) -> None:
            self._count += 1
            self._depth += 1
            if self._count > MOST_ELEMENTS or self._depth > DEEPEST_XML:
                raise self._flood()
            begin(name.rpartition(":")[2] if ":" in name else name, attributes)

        def end(name: str) -> None:
            self._depth -= 1
            finish(name.rpartition(":")[2] if ":" in name else name)

        return SimpleNamespace(
            startDocument=_nothing,
            endDocument=_nothing,
            startElement=start,
            endElement=end,
            characters=listener.text,
            processingInstruction=_nothing,
        )

    def _flood(self) -> FileRefused:
        if self._depth > DEEPEST_XML:
            what = f"the XML is nested deeper than {DEEPEST_XML} levels"
        else:
            what = f"the workbook has more than {MOST_ELEMENTS} XML elements"
        return self.findings.refuse("", "", f"{what}; write the table as CSV")


def _nothing(*_: object) -> None:
    """Take no notice."""


def _why(error: Exception) -> str:
    """The reason and the place, without the name of a file that the parser does not know."""
    if isinstance(error, SAXParseException):
        place = f"line {error.getLineNumber()}, column {error.getColumnNumber()}"
        return f"{error.getMessage()} ({place})"
    return str(error)


def value_of(attributes: Attributes, name: str) -> str | None:
    """Return an attribute by its local name, such as `id` of `r:id`."""
    found = attributes.get(name)
    if found is not None:
        return found
    return next((v for key, v in attributes.items() if key.endswith(f":{name}")), None)
