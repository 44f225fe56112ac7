"""The one strict gate in for study files, and the neutralised way out.

The names below arrive on first use (PEP 562): who wants words or a path computes nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.files.canonical import canonical_json, inputs_sha256
    from workbench.files.forms.study import study_schema
    from workbench.files.messages import FileRefused
    from workbench.files.reading import LoadedStudy, parse_study, read_study
    from workbench.files.saving import save, save_copies
    from workbench.files.writing import study_csv, study_json, study_yaml, table_csv, write_study

_HOMES = {
    "FileRefused": "messages",
    "LoadedStudy": "reading",
    "canonical_json": "canonical",
    "inputs_sha256": "canonical",
    "parse_study": "reading",
    "read_study": "reading",
    "save": "saving",
    "save_copies": "saving",
    "study_csv": "writing",
    "study_json": "writing",
    "study_schema": "forms.study",
    "study_yaml": "writing",
    "table_csv": "writing",
    "write_study": "writing",
}
__all__ = [
    "FileRefused",
    "LoadedStudy",
    "canonical_json",
    "inputs_sha256",
    "parse_study",
    "read_study",
    "save",
    "save_copies",
    "study_csv",
    "study_json",
    "study_schema",
    "study_yaml",
    "table_csv",
    "write_study",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
