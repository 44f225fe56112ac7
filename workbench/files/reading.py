"""The gate: one way in for every study file, whether it is named, uploaded or shipped."""

from dataclasses import dataclass
from pathlib import Path

from workbench.files.assembly import study_from_table, study_from_tree
from workbench.files.collecting import no_collector
from workbench.files.csv_table import read_csv
from workbench.files.json_text import read_json
from workbench.files.messages import Findings
from workbench.files.opening import LARGEST_FILE, decode, kind_of, read_bytes
from workbench.models.study import Study


@dataclass(frozen=True, slots=True)
class LoadedStudy:
    """A study that passed the gate, and what a reader of the file should know."""

    study: Study
    warnings: tuple[str, ...] = ()


def read_study(path: str | Path) -> LoadedStudy:
    """Read a study from a CSV, XLSX, YAML or JSON file.

    Raises
    ------
    FileRefused
        a WorkbenchError; its `messages` has a line for each fault, at most fifty and 'and N more'.

    """
    findings = Findings(str(path))
    return _read(str(path), read_bytes(path, findings), findings)


def parse_study(name: str, data: bytes) -> LoadedStudy:
    """Read a study from bytes that came by another way; `name` is the file's name.

    Raises
    ------
    FileRefused
        as `read_study` does.

    """
    findings = Findings(name)
    if len(data) > LARGEST_FILE:
        raise findings.refuse("", "", f"the file is too large, allowed {LARGEST_FILE >> 20} MiB")
    return _read(name, data, findings)


def _read(name: str, data: bytes, findings: Findings) -> LoadedStudy:
    with no_collector():  # nothing here is circular, and looking on costs a fifth
        return _checked(name, data, findings)


def _checked(name: str, data: bytes, findings: Findings) -> LoadedStudy:
    kind = kind_of(name, data, findings)
    if kind == "xlsx":
        from workbench.files.xlsx_table import read_xlsx  # its parsers, for XLSX only

        study = study_from_table(read_xlsx(data, findings), findings, kind)
        return LoadedStudy(study, findings.warnings())
    text = decode(data, findings)
    if kind == "csv":
        study = study_from_table(read_csv(text, findings), findings)
    elif kind == "json":
        study = study_from_tree(read_json(text, findings), kind, findings)
    else:
        from workbench.files.yaml_text import read_yaml  # a tenth of a second, for YAML only

        study = study_from_tree(read_yaml(text, findings), kind, findings)
    return LoadedStudy(study, findings.warnings())
