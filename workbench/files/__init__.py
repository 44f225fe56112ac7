"""The one strict gate in for study files, and the neutralised way out."""

from workbench.files.messages import FileRefused
from workbench.files.reading import LoadedStudy, parse_study, read_study

__all__ = ["FileRefused", "LoadedStudy", "parse_study", "read_study"]
