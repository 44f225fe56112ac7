"""Which bytes a page was computed from: a study file, and what is kept beside it."""

import hashlib
from pathlib import Path

from workbench.audit.checkpoints import Note, parse_note
from workbench.errors import WorkbenchError
from workbench.files.messages import Findings
from workbench.files.opening import KINDS, decode, read_bytes
from workbench.resources import bundled, example_study


def runs_folder(study: str | Path) -> Path:
    """Return the folder beside a study file that holds its saved runs: `study.runs`."""
    return Path(study).with_suffix(".runs")


def readiness_folder(study: str | Path) -> Path:
    """Return the folder beside a study file that states its readiness: `study.readiness`.

    That of the shipped example is the shipped one.
    """
    if Path(study) == example_study():
        return bundled("datasets") / "readiness"
    return Path(study).with_suffix(".readiness")


def systems_folder(study: str | Path) -> Path:
    """Return the folder beside a study file that holds its AI systems: `study.systems`.

    That of the shipped example is the shipped one.
    """
    if Path(study) == example_study():
        return bundled("datasets") / "systems"
    return Path(study).with_suffix(".systems")


def checkpoint_file(study: str | Path) -> Path:
    """Return the file beside a copy of a registered study that holds the register's checkpoint."""
    return Path(study).with_suffix(".checkpoint")


def checkpoint_beside(study: str | Path) -> Note | None:
    """Return the checkpoint of the register that a study was copied from, None where it was not."""
    path, findings = checkpoint_file(study), Findings(str(study))
    try:
        return parse_note(decode(read_bytes(path, findings), findings))
    except ValueError:  # none there, or none that can be read: nothing is claimed
        return None


def example_folders(target: Path) -> list[tuple[Path, Path]]:
    """Return each folder of the shipped example, and where it stands beside a copy of its study."""
    shipped, study = example_study(), target / example_study().name
    return [
        (shipped.parent, target),
        (systems_folder(shipped), systems_folder(study)),
        (readiness_folder(shipped), readiness_folder(study)),
    ]


def files_of(study: str | Path) -> list[Path]:
    """Return the study file and all that is kept beside it for its pages, in a fixed order."""
    stated = Path(study).with_suffix(".readiness")
    beside = [
        p for kind in ("*.csv", "*.xlsx", "*.yaml", "answers/*.yaml") for p in stated.glob(kind)
    ]
    beside += Path(study).with_suffix(".systems").glob("*.yaml")
    beside += [path for path in (checkpoint_file(study),) if path.exists()]
    return [Path(study), *sorted(runs_folder(study).glob("*.json")), *sorted(beside)]


def source_digest(study: str | Path) -> str:
    """Return the SHA-256 of all that a page of this study reads, 64 hexadecimal digits.

    A file that is not there or cannot be read counts as empty: that it changed is all that is asked
    here, what is wrong with it is said by the gate. Of other studies that have the same folder of
    runs the names count, since runs go by them.
    """
    whole = hashlib.sha256()
    for suffix in KINDS:
        other = Path(study).with_suffix(suffix)
        if other != Path(study) and other.exists():
            whole.update(f"{other.name}\0beside\0".encode())
    for path in files_of(study):
        try:
            content = read_bytes(path, Findings(path.name))
        except WorkbenchError:  # a pipe would be waited for, had the gate not looked first
            content = b""
        whole.update(f"{path.name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()
