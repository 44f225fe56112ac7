"""A path to the text of a study file: regular file, size, kind by content, strict UTF-8."""

import codecs
import os
import re
import stat
from pathlib import Path

from workbench.files.messages import FileRefused, Findings, echo
from workbench.files.tree import STUDY, Limits

LARGEST_FILE = 16 * 2**20  # bytes
KINDS = {".csv": "csv", ".xlsx": "xlsx", ".yaml": "yaml", ".yml": "yaml", ".json": "json"}
READS = "this version reads CSV, XLSX, YAML and JSON (.csv, .xlsx, .yaml, .yml, .json)"
_ZIP = b"PK\x03\x04"
_MAGIC = (
    (b"\x1f\x8b", "gzip", "unpack it first"),
    (_ZIP, "XLSX or ZIP", "name a workbook .xlsx, and unpack other files first"),
    (b"PK\x05\x06", "ZIP", "unpack it first"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old (.xls) or encrypted Excel file",
        "save it as .xlsx without password",
    ),
    (b"%PDF", "PDF", "export the table itself as CSV"),
    (b"\x89PNG", "a PNG picture", "give the table itself"),
    (b"\xff\xd8\xff", "a JPEG picture", "give the table itself"),
    (b"GIF8", "a GIF picture", "give the table itself"),
    (b"SQLite format 3\x00", "a SQLite database", "export the table as CSV"),
    (b"PAR1", "Parquet", "export the table as CSV"),
    (b"BZh", "bzip2", "unpack it first"),
    (b"\xfd7zXZ\x00", "xz", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstandard", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip", "unpack it first"),
    (b"\x7fELF", "a program", "give the table itself"),
    (b"\x80\x04\x95", "a Python pickle", "pickles are never opened; export CSV"),
    (b"{\\rtf", "RTF", "save it as plain text"),
)
_WIDE_BOMS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"\xff\xfe", b"\xfe\xff")
_MARKUP = re.compile(
    rb"\s*<(?:!doctype|html|head|body|script|\?xml|svg|[a-z]+[\s>/])", re.IGNORECASE
)
_RESAVE = "save it as UTF-8 (in Excel: 'CSV UTF-8')"


def read_bytes(path: str | Path, findings: Findings) -> bytes:
    """Read a regular file of at most `LARGEST_FILE` bytes.

    A link to a regular file is followed. Devices, pipes, sockets and folders are refused before
    they are opened, and once more on the open file, so that nothing is waited for.

    Raises
    ------
    FileRefused
        for what is missing, unreadable, too large or no regular file.

    """
    # Windows has no O_NONBLOCK and needs O_BINARY; a pipe must not be waited for elsewhere.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        _check_regular(Path(path).stat().st_mode, findings)
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            _check_regular(os.fstat(descriptor).st_mode, findings)
            data = file.read(LARGEST_FILE + 1) or b""
    except FileNotFoundError:
        raise findings.refuse("", "", "there is no such file; check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        if isinstance(error, FileRefused):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise findings.refuse("", "", f"the file cannot be read: {reason}") from None
    if len(data) > LARGEST_FILE:
        raise findings.refuse("", "", f"the file is too large, allowed {LARGEST_FILE >> 20} MiB")
    return data


def _check_regular(mode: int, findings: Findings) -> None:
    if stat.S_ISREG(mode):
        return
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    kind = next((name for test, name in kinds if test(mode)), "a device")
    raise findings.refuse("", "", f"this is {kind}, not a regular file; {READS}")


def kind_of(name: str, data: bytes, findings: Findings, limits: Limits = STUDY) -> str:
    """Return 'csv', 'xlsx', 'yaml' or 'json': what the name says, unless the content differs.

    Raises
    ------
    FileRefused
        for a name or a content that this version does not read, and for an empty file.

    """
    suffix = Path(name).suffix.lower()
    if suffix == ".xlsm":
        raise findings.refuse("", "", f"macros are never read; save it as .xlsx; {READS}")
    if KINDS.get(suffix) == "xlsx" and data.startswith(_ZIP):
        return "xlsx"
    for magic, what, fix in _MAGIC:
        if data.startswith(magic):
            raise findings.refuse("", "", f"the file is {what}; {READS}: {fix}")
    if suffix not in KINDS:
        raise findings.refuse("", "", f"files of type {echo(suffix)} are not read; {READS}")
    if any(data.startswith(bom) for bom in _WIDE_BOMS) or _looks_wide(data):
        raise findings.refuse("", "", f"the encoding is UTF-16 or UTF-32, not UTF-8; {_RESAVE}")
    if _MARKUP.match(data.removeprefix(codecs.BOM_UTF8)):
        raise findings.refuse("", "", f"the file is HTML or XML (a saved web page?); {READS}")
    if KINDS[suffix] == "xlsx":
        what = "the file is empty" if not data else "the content is no workbook"
        raise findings.refuse("", "", f"{what}; save it as .xlsx from a spreadsheet program")
    if KINDS[suffix] == "yaml" and len(data) > limits.yaml_bytes:
        what = f"a YAML file has at most {limits.yaml_bytes >> 20} MiB"
        raise findings.refuse("", "", f"{what}; write a large table as CSV or JSON")
    return KINDS[suffix]


def _looks_wide(data: bytes) -> bool:
    """Whether every second byte of the beginning is 0, as in UTF-16 without a mark."""
    start = data[:64]
    return len(start) >= 4 and (not any(start[1::2]) or not any(start[::2])) and any(start)


def decode(data: bytes, findings: Findings) -> str:
    """Decode strict UTF-8, with or without a byte order mark; a NUL is refused.

    Raises
    ------
    FileRefused
        naming what the file is, where its beginning says so, or else the line of the first byte
        that does not belong.

    """
    for magic, what, fix in _MAGIC:
        if data.startswith(magic):
            raise findings.refuse("", "", f"the file is {what}, not text: {fix}")
    if any(data.startswith(bom) for bom in _WIDE_BOMS) or _looks_wide(data):
        raise findings.refuse("", "", f"the encoding is UTF-16 or UTF-32, not UTF-8; {_RESAVE}")
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        line, byte = _line_of(body, error.start), body[error.start]
        what = f"byte 0x{byte:02x} at position {error.start} is not UTF-8 text; {_RESAVE}"
        raise findings.refuse(f"line {line}", "", what) from None
    nul = body.find(b"\x00")
    if nul >= 0:
        what = "a NUL character stands in the text; remove it"
        raise findings.refuse(f"line {_line_of(body, nul)}", "", what)
    if not text.strip():
        raise findings.refuse("", "", "the file is empty")
    return text


def _line_of(body: bytes, position: int) -> int:
    before = body[:position]
    return 1 + before.count(b"\n") + before.replace(b"\r\n", b"").count(b"\r")
