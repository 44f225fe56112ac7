"""An AI system as YAML text that a person edits, and such a text as a system."""

import json

from workbench.files.catalogues.systems import parse_system, system_dict
from workbench.threats.system import AISystem

NAME = "the text"  # what a text is called in a fault


def text_of(system: AISystem) -> str:
    """Return a system as YAML: one line for each zone, component and flow.

    Its values are JSON, which YAML reads as the same.
    """
    found = system_dict(system)
    lines = ["system:", *(f"  {name}: {_value(value)}" for name, value in found["system"].items())]
    for part in ("boundaries", "components", "flows"):
        rows = found[part]
        lines += ["", f"{part}:" if rows else f"{part}: []"]
        for row in rows:
            inside = ", ".join(f"{name}: {_value(value)}" for name, value in row.items())
            lines.append(f"  - {{{inside}}}")
    return "\n".join(lines) + "\n"


def system_from(text: str) -> AISystem:
    """Return the system that a text states, YAML or JSON.

    Raises
    ------
    FileRefused
        a WorkbenchError with a line for each fault.

    """
    return parse_system(f"{NAME}.yaml", text.encode("utf-8"))


def _value(value: object) -> str:
    """Return a value as YAML; plain words stay as they are."""
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    text = str(value)
    is_plain = text.replace(" ", "").replace("_", "").replace("-", "").isalpha()
    if isinstance(value, str) and is_plain and text.isascii() and text[0].isalpha():
        kept = text.lower() not in ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
        return text if kept and text == text.strip() else json.dumps(text)
    return json.dumps(value, ensure_ascii=False)
