"""The one strict gate in for study files, and the neutralised way out."""

from workbench.files.canonical import canonical_json, inputs_sha256
from workbench.files.forms.study import study_schema
from workbench.files.messages import FileRefused
from workbench.files.reading import LoadedStudy, parse_study, read_study
from workbench.files.saving import save, save_copies
from workbench.files.writing import study_csv, study_json, study_yaml, table_csv, write_study

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
