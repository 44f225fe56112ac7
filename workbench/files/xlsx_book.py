"""What a workbook holds beside its cells: its sheets, shared texts and which styles show dates."""

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from workbench.files.messages import FileRefused, Findings, echo
from workbench.files.xlsx_xml import Attributes, XmlReader, value_of

MOST_TEXT = 2**25  # characters of all shared texts
MOST_LISTED = 20_000  # sheets, relations or kinds of parts
LONGEST_TEXT = 32_767  # characters of a cell, in every spreadsheet program
_CONTENT, _TOP = "[Content_Types].xml", "_rels/.rels"
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")  # ST_Xstring, ECMA-376 part 1, 22.9.2.19
# Ids of built-in number formats that show a date or a time (ECMA-376 part 1, 18.8.30).
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
_NOT_ONE = "is not an XLSX workbook"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by its tab."""

    name: str
    part: str  # in the archive
    is_visible: bool


@dataclass(slots=True)
class Book:
    """The parts of a workbook that its cells point to."""

    sheets: list[Sheet] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    are_dates: list[bool] = field(default_factory=lambda: [False])  # by the style of a cell
    counts_from_1904: bool = False  # its days, as on old Macintoshes; else from 1900


def read_book(reader: XmlReader) -> Book:
    """Read everything but the cells.

    Raises
    ------
    FileRefused
        for a ZIP that is no workbook, macros, binary workbooks, and parts that are missing or lie
        outside the file.

    """
    archive, findings = reader.archive, reader.findings
    if not archive.holds(_CONTENT):
        raise findings.refuse("", "", f"the file is a ZIP and {_NOT_ONE}; unpack it first")
    content = _Elements(("Override", "Default"), ("PartName", "ContentType"))
    reader.read(_CONTENT, content)
    _refuse_macros(content, archive.names, findings)
    main = _related(reader, "", "officeDocument")
    if not main:
        raise findings.refuse("", "", f"the file is an Office document and {_NOT_ONE}")
    path = next(iter(main.values()))
    sheets, counts_from_1904 = _sheets(reader, path)
    book = Book(sheets=sheets, counts_from_1904=counts_from_1904)
    for part in list(_related(reader, path, "sharedStrings").values())[:1]:
        texts = _SharedTexts(findings)
        reader.read(part, texts)
        book.texts = texts.found
    for part in list(_related(reader, path, "styles").values())[:1]:
        styles = _Styles()
        reader.read(part, styles)
        book.are_dates = styles.are_dates() or [False]
    if any("/externallinks/" in name or "/embeddings/" in name for name in archive.names):
        what = "the workbook links to or embeds other files; they are not read"
        findings.warning("", "", what)
    return book


def _refuse_macros(content: "_Elements", names: dict[str, str], findings: Findings) -> None:
    kinds = " ".join(row["ContentType"] or "" for row in content.found)
    if "macroEnabled" in kinds or any(name.endswith("vbaproject.bin") for name in names):
        what = "the workbook holds macros, which are never read; save it as .xlsx"
        raise findings.refuse("", "", what)
    if "ms-excel.sheet.binary" in kinds:
        raise findings.refuse("", "", "the workbook is binary (.xlsb); save it as .xlsx")


def _sheets(reader: XmlReader, path: str) -> tuple[list[Sheet], bool]:
    """Return the sheets that hold cells, in the order of their tabs; and if days are from 1904."""
    listed = _Elements(("sheet", "workbookPr"), ("name", "id", "state", "date1904"))
    reader.read(path, listed)
    parts = _related(reader, path, "worksheet")
    found = [
        Sheet(row["name"] or "", parts[row["id"]], row["state"] in (None, "visible"))
        for row in listed.found
        if row["id"] is not None and row["id"] in parts
    ]
    if not any(sheet.is_visible for sheet in found):
        raise reader.findings.refuse("", "", "the workbook has no visible sheet; show the table's")
    return found, any(row["date1904"] in ("1", "true") for row in listed.found)


def _related(reader: XmlReader, path: str, kind: str) -> dict[str, str]:
    """Return {id: part} of the relations of one kind that the part at `path` has."""
    folder, name = posixpath.split(path)
    relations = posixpath.join(folder, "_rels", f"{name}.rels") if path else _TOP
    if not reader.archive.holds(relations):
        return {}
    listed = _Elements(("Relationship",), ("Id", "Type", "Target", "TargetMode"))
    reader.read(relations, listed)
    found = {}
    for row in listed.found:
        if (row["Type"] or "").rpartition("/")[2] != kind:
            continue
        target = unquote(row["Target"] or "")
        part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        if row["TargetMode"] == "External" or not reader.archive.holds(part):
            raise _outside(target, reader.findings)
        found[row["Id"] or ""] = part
    return found


def _outside(target: str, findings: Findings) -> FileRefused:
    what = f"the workbook points to a part that it does not hold, got {echo(target)}"
    return findings.refuse("", "", f"{what}; save it again from a spreadsheet program")


class _Elements:
    """Collects some attributes of the first elements of some names, wherever they are."""

    def __init__(self, names: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        self._names = frozenset(names)
        self._wanted = wanted
        self.found: list[dict[str, str | None]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name in self._names and len(self.found) < MOST_LISTED:
            self.found.append({key: value_of(attributes, key) for key in self._wanted})

    def end(self, name: str) -> None:
        """Elements are taken where they begin."""

    def text(self, data: str) -> None:
        """No text is wanted."""


class _SharedTexts:
    """The texts of sst/si: of t, and of r/t where the text is rich; phonetic hints are left out."""

    def __init__(self, findings: Findings) -> None:
        self.found: list[str] = []
        self._findings = findings
        self._pieces: list[str] = []
        self._takes = False
        self._hints = 0
        self._total = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._hints += 1
        elif name == "t":
            self._takes = self._hints == 0

    def end(self, name: str) -> None:
        if name == "t":
            self._takes = False
        elif name == "rPh":
            self._hints -= 1
        elif name == "si":
            self.found.append(text_of(self._pieces))

    def text(self, data: str) -> None:
        if not self._takes:
            return
        self._total += len(data)
        if self._total > MOST_TEXT:
            what = f"the workbook has more than {MOST_TEXT} characters of text"
            raise self._findings.refuse("", "", f"{what}; remove what is no scenario")
        self._pieces.append(data)


def text_of(pieces: list[str]) -> str:
    """Join the text of a cell, cut just above `LONGEST_TEXT`, with its escapes written out."""
    joined = "".join(pieces)
    if len(joined) > LONGEST_TEXT:
        return joined[: LONGEST_TEXT + 1]
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), joined) if "_x" in joined else joined


class _Styles:
    """The number formats of cells, from numFmts/numFmt and cellXfs/xf."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._formats: list[str] = []
        self._is_inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "cellXfs":
            self._is_inside = True
        elif name == "xf" and self._is_inside:
            self._formats.append(value_of(attributes, "numFmtId") or "0")
        elif name == "numFmt":
            code = value_of(attributes, "formatCode") or ""
            self._codes.setdefault(value_of(attributes, "numFmtId") or "", code[:1000])

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_inside = False

    def text(self, data: str) -> None:
        """Styles are attributes only."""

    def are_dates(self) -> list[bool]:
        """Return for each style of a cell whether it shows a date or a time."""
        return [self._is_date(number) for number in self._formats]

    def _is_date(self, number: str) -> bool:
        code = self._codes.get(number)
        if code is not None:
            return is_date_format(code)
        return len(number) < 5 and number.isdecimal() and int(number) in _DATES


def is_date_format(code: str) -> bool:
    """Whether a format code, such as 'yyyy-mm-dd' or '[h]:mm', shows a date or a time."""
    if code.strip().lower() == "general":
        return False
    return any(letter in "ymdhs" for letter in _NOT_CODE.sub("", code).lower())
