"""Plain data as JSON for people, in which what cannot be seen stands as escapes."""

import json
from typing import Any

# Characters that a YAML or JSON text may hold raw and that are better seen: C1 controls, the line
# ends of Unicode, invisible and reordering characters.
_RANGES = [(0x7F, 0xA0), (0xAD, 0xAE), (0x61C, 0x61D), (0x200B, 0x2010)]
_RANGES += [(0x2028, 0x202F), (0x2060, 0x2070), (0xFEFF, 0xFF00), (0xFFFE, 0x10000)]
ESCAPED = {code: f"\\u{code:04x}" for low, end in _RANGES for code in range(low, end)}


def json_text(document: Any) -> str:
    """Write plain data as JSON for people: two spaces a level, what cannot be seen as escapes."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return text.translate(ESCAPED) + "\n"
