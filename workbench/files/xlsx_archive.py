"""The ZIP of a workbook: checked by its directory before anything is unpacked, bounded after."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from workbench.files.messages import FileRefused, Findings, echo

MOST_MEMBERS = 2000
LARGEST_UNPACKED = 192 * 2**20  # bytes of all members; a table of 100,000 rows has about 80 MiB
LARGEST_RATIO = 200  # unpacked to packed, of the whole; sheets have 10 to 30
SMALL = 2**20  # bytes unpacked that are no bomb at any ratio
# Bytes of a chunk; they double, since expat looks at an unfinished token again with every chunk.
FIRST_CHUNK, LARGEST_CHUNK = 2**16, 2**24
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_END_SIZE, _LARGEST_COMMENT = 22, 2**16
_ENTRY = 1024  # bytes of a directory entry that are plenty
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_RESAVE = "open it in a spreadsheet program and save it again as .xlsx"


class Archive:
    """The members of a workbook's ZIP file, all of them checked."""

    def __init__(self, data: bytes, findings: Findings) -> None:
        """Check the directory of `data`.

        Raises
        ------
        FileRefused
            for what is no whole ZIP file, for too many or too large members, encryption, unusual
            compression, and names that stand twice or lead out of the archive.

        """
        self._findings = findings
        self._left = LARGEST_UNPACKED
        _check_directory(data, findings)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (
            zipfile.BadZipFile,
            NotImplementedError,  # a version of ZIP that is not known
            ValueError,
            OSError,
            EOFError,
            struct.error,
        ) as error:
            raise self._broken(error) from None
        members = self._zip.infolist()
        _check_sizes(members, len(data), findings)
        for member in members:
            self._check(member)
        # The names of parts are compared without case (ECMA-376 part 2, 6.2.2.3).
        self.names = {member.filename.lower(): member.filename for member in members}
        if len(self.names) < len(members):
            what = f"a member stands in the ZIP twice; {_RESAVE}"
            raise findings.refuse("", "", what)

    def _broken(self, error: Exception) -> FileRefused:
        why = str(error).partition("\n")[0]
        return self._findings.refuse("", "", f"the ZIP of the workbook is broken: {why}; {_RESAVE}")

    def _check(self, member: zipfile.ZipInfo) -> None:
        name = member.filename
        if member.flag_bits & 0x41:  # encrypted, strongly or not
            what = "the workbook is encrypted; save it without a password"
            raise self._findings.refuse("", "", what)
        parts = name.split("/")
        # `orig_filename` still has what the library took out of the name: NULs, back slashes.
        is_odd = "\\" in member.orig_filename or "\0" in member.orig_filename or ":" in name
        if name.startswith("/") or ".." in parts or is_odd:
            what = f"a member of the ZIP has a path that leads out of it, got {echo(name)}"
            raise self._findings.refuse("", "", f"{what}; {_RESAVE}")
        if member.compress_type not in _METHODS:
            what = f"a member of the ZIP is packed in an unusual way, got {echo(name)}"
            raise self._findings.refuse("", "", f"{what}; {_RESAVE}")

    def holds(self, name: str) -> bool:
        """Whether there is a part of this name, in any case."""
        return name.lower() in self.names

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part's bytes; together, the parts that are read stay within the limit.

        Raises
        ------
        FileRefused
            for a part that is missing, broken, or larger than the directory said.

        """
        if not self.holds(name):
            what = f"the workbook has no part {echo(name)}; {_RESAVE}"
            raise self._findings.refuse("", "", what)
        size = FIRST_CHUNK
        try:
            with self._zip.open(self.names[name.lower()]) as file:
                while chunk := file.read(size):
                    size = min(2 * size, LARGEST_CHUNK)
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise _too_large(self._findings)
                    yield chunk
        except FileRefused:
            raise
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,  # with NotImplementedError
            ValueError,
            struct.error,
        ) as error:
            raise self._broken(error) from None


def _check_directory(data: bytes, findings: Findings) -> None:
    """Look at the end record alone: a directory of a million entries is not even listed."""
    start = len(data) - _END_SIZE
    if not (start >= 0 and data[start:].startswith(_END) and data.endswith(b"\0\0")):
        start = data.rfind(_END, max(0, len(data) - _END_SIZE - _LARGEST_COMMENT))
    if start < 0 or start + _END_SIZE > len(data):
        raise findings.refuse("", "", f"the ZIP of the workbook has no end; {_RESAVE}")
    if data[max(0, start - 20) : start].startswith(_END_64):
        what = f"the ZIP is of the kind for huge files (ZIP64); {_RESAVE}"
        raise findings.refuse("", "", what)
    (entries,) = struct.unpack_from("<H", data, start + 10)
    (size,) = struct.unpack_from("<I", data, start + 12)
    if entries > MOST_MEMBERS or size > MOST_MEMBERS * _ENTRY:
        what = f"the ZIP has too many members, got {entries}, allowed {MOST_MEMBERS}"
        raise findings.refuse("", "", what)


def _check_sizes(members: list[zipfile.ZipInfo], size: int, findings: Findings) -> None:
    if len(members) > MOST_MEMBERS:
        what = f"the ZIP has too many members, got {len(members)}, allowed {MOST_MEMBERS}"
        raise findings.refuse("", "", what)
    unpacked = sum(member.file_size for member in members)
    if unpacked > LARGEST_UNPACKED:
        raise _too_large(findings)
    if unpacked > max(SMALL, LARGEST_RATIO * size):
        what = f"the ZIP unpacks to {unpacked // size} times its size, allowed {LARGEST_RATIO}"
        raise findings.refuse("", "", what)


def _too_large(findings: Findings) -> FileRefused:
    most = LARGEST_UNPACKED >> 20
    return findings.refuse("", "", f"the workbook unpacks to more than {most} MiB; write it as CSV")
