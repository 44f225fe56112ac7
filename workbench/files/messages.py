"""The one-line messages of the gate, and the collection that they gather in.

Whatever a file says is echoed harmlessly: control characters, bidirectional overrides and other
invisible characters are written as escapes, long texts are cut, and a message is one line.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workbench.errors import WorkbenchError

MOST_MESSAGES = 50
LONGEST_ECHO = 60  # characters of a value
LONGEST_LINE = 1000  # characters of one message, so that all of them stay within 64 KiB
LONGEST_GLIMPSE = 20  # characters of a file that is not of its form
LONGEST_NAME = 120  # characters of the path of a file
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp", "Zs"})


class FileRefused(WorkbenchError):
    """A file that the gate does not let in; `messages` has one line for each fault."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = tuple(messages)


def printable(text: str) -> str:
    r"""Write `text` with escapes for what cannot be seen: '\x1b', '\u202e', '\ud800'."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        ch if ch == " " or unicodedata.category(ch) not in _HIDDEN else _escape(ord(ch))
        for ch in text
    )


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def cut(text: str, longest: int = LONGEST_ECHO) -> str:
    """Shorten `text` to about `longest` characters and say how long it was."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - 3]}... ({len(text)} characters)"


def short(text: str) -> str:
    """Cut `text` and write it with escapes; what is cut first keeps the work small."""
    escaped = printable(cut(text))
    return escaped if len(escaped) <= LONGEST_ECHO + 24 else f"{escaped[: LONGEST_ECHO + 21]}..."


def echo(value: object) -> str:
    """What a message repeats of a value: text and numbers in quotes, the rest by its kind."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return f"'{short(f'{value:.15g}' if isinstance(value, float) else str(value))}'"


def glimpse(value: object) -> str:
    """What a message repeats of a whole file that is not of its form: a word, and no more.

    A link or a slip of the hand may have led to a file of secrets, which no message tells.
    """
    if isinstance(value, str) and len(value) > LONGEST_GLIMPSE:
        return f"a text of {len(value)} characters"
    return echo(value)


def shown_name(path: str) -> str:
    """Write a path as it was given, or its last part where it is long."""
    text = printable(path)
    if len(text) <= LONGEST_NAME:
        return text
    return cut(printable(path.rstrip("/").rpartition("/")[2]), LONGEST_NAME)


def figure(number: float) -> str:
    """Write a limit as people write it in a file: 100000, 0.01, 1e15."""
    return f"{number:.15g}" if 1e-4 <= abs(number) < 1e10 else f"{number:g}".replace("e+", "e")


class Findings:
    """The errors and warnings of one file, in the order in which they were found.

    Only the first `MOST_MESSAGES` of each are kept as text; the others are counted, so a file with
    a hundred thousand faults costs no memory and no flood.
    """

    def __init__(self, file: str) -> None:
        self.file = shown_name(file)
        self._errors: list[str] = []
        self._warnings: list[str] = []
        self._error_count = 0
        self._warning_count = 0

    @property
    def has_errors(self) -> bool:
        """Whether anything refuses the file."""
        return self._error_count > 0

    def error(self, place: str, field: str, what: str | Callable[[], str]) -> None:
        """Add `FILE: place: field: what`; an empty place or field is left out.

        `what` may be a function, which is asked only where the message is kept: what is near to an
        unknown word takes a millisecond, and a file may hold a hundred thousand unknown words.
        """
        self._error_count += 1
        if self._error_count <= MOST_MESSAGES:
            self._errors.append(self._line(place, field, what if isinstance(what, str) else what()))

    def warning(self, place: str, field: str, what: str) -> None:
        """Add a warning of the same form."""
        self._warning_count += 1
        if self._warning_count <= MOST_MESSAGES:
            self._warnings.append(self._line(place, field, what))

    def count(self, errors: int) -> None:
        """Add faults to the count that no message will tell."""
        self._error_count += errors

    @property
    def error_count(self) -> int:
        """How many errors there are, those without a message included."""
        return self._error_count

    @property
    def is_full(self) -> bool:
        """Whether further errors would only be counted."""
        return self._error_count >= MOST_MESSAGES

    def _line(self, place: str, field: str, what: str) -> str:
        parts = (self.file, place, cut(field, 2 * LONGEST_ECHO), what)
        line = ": ".join(part for part in parts if part)
        return cut(printable(cut(line, LONGEST_LINE)), LONGEST_LINE)

    def warnings(self) -> tuple[str, ...]:
        """Return the warnings, with 'and N more' where there were too many."""
        return tuple(self._with_rest(self._warnings, self._warning_count))

    def refuse_if_any(self) -> None:
        """Raise FileRefused when there is an error."""
        if self.has_errors:
            raise FileRefused(self._with_rest(self._errors, self._error_count))

    def refuse(self, place: str, field: str, what: str) -> FileRefused:
        """Add a last error, and return what to raise."""
        self.error(place, field, what)
        return FileRefused(self._with_rest(self._errors, self._error_count))

    def _with_rest(self, lines: list[str], count: int) -> list[str]:
        rest = count - len(lines)
        return [*lines, f"{self.file}: and {rest} more"] if rest > 0 else list(lines)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the fields stand that are being read: a row, and perhaps a state within it."""

    findings: Findings
    place: str
    prefix: str = ""  # such as 'residual.'

    def error(self, field: str, what: str) -> None:
        """Report a fault of a field."""
        self.findings.error(self.place, f"{self.prefix}{field}", what)

    def warning(self, field: str, what: str) -> None:
        """Report what is accepted and worth a word."""
        self.findings.warning(self.place, f"{self.prefix}{field}", what)
