"""JavaScript for a page that is opened as a file: classic scripts, data in scripts, their hashes.

A browser loads no module from a file, so the modules of the live widgets are wrapped: the same text
in a function, its exports as what the function returns.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

from workbench.errors import require

DEFAULT = re.compile(r"^export default\b", re.MULTILINE)
NAMED = re.compile(r"^export (?=(?:async function|function|const|let|var|class)\b)", re.MULTILINE)
LISTED = re.compile(r"^export \{[\w\s,$]*\};?[ \t]*$", re.MULTILINE)
FOREIGN = re.compile(r"^\s*(?:import|export)\b|\bimport\s*[(.]", re.MULTILINE)
# A style sheet that is kept as a text, to be put into a style element.
STYLE = re.compile(
    r"\.textContent='((?:[^'\\\n]|\\.)*\{(?:[^'\\\n]|\\.)*)'"
)  # a style sheet kept as a text
# What ends a script element or a line of JavaScript, as escapes that JSON and JavaScript both read.
UNSAFE = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def classic(module: str, name: str) -> str:
    """Return a module's text as an expression: what it exports by default.

    Raises
    ------
    WorkbenchError
        where it imports something, exports in an unknown way, or has no default export.

    """
    text, defaults = DEFAULT.subn("const exported =", module)
    text = LISTED.sub("", NAMED.sub("", text))
    found = FOREIGN.search(text)
    require(
        defaults == 1 and found is None,
        f"{name} is a module without imports and with one default export",
        got=found[0].strip() if found else f"{defaults} default exports",
        fix="Write it like the other widgets.",
    )
    return f"(() => {{\n{text.strip()}\nreturn exported;\n}})()"


def json_text(value: object) -> str:
    """Return compact JSON that is inert inside a script element and as JavaScript."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: UNSAFE[found[0]], text)


def source_hash(text: str) -> str:
    """Return the source expression of a Content Security Policy that allows just this text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def inline_styles(script: str) -> list[str]:
    """Return the style sheets that a script keeps as texts and adds to its page.

    A sheet with an escape other than of a quotation mark is left out: a page then refuses it.
    """
    return [
        text
        for text in (f[1].replace("\\'", "'") for f in STYLE.finditer(script))
        if "\\" not in text
    ]


def read(path: Path) -> str:
    """Return the text of a shipped file."""
    return path.read_text(encoding="utf-8")
