"""A copy of one registered study as files, kept up to date: what pages are made of.

The pages' kernels never see the database. One process reads it, through an account that may only
read, and writes the study, its runs and what stands beside it where pages look for files; what the
log has not moved on from is not written again.
"""

import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from workbench.files.catalogues.system_text import text_of
from workbench.files.json_printing import json_text
from workbench.files.saving import save
from workbench.files.sources import (
    checkpoint_file,
    readiness_folder,
    runs_folder,
    systems_folder,
)
from workbench.files.writing import study_document
from workbench.register.beside import readiness_files, ties_file
from workbench.register.naming import IN_A_STUDY, RUN
from workbench.register.register import Register

LONGEST = 200  # characters of a file's name
EVERY = 1.0  # seconds between looks at the log


class Mirror:
    """A folder that holds what the register has of one study.

    Parameters
    ----------
    register : opened to be read alone
    study : the study's id
    folder : an empty folder of its own

    """

    def __init__(self, register: Register, study: str, folder: Path) -> None:
        self._register, self._study = register, study
        self.path = folder / f"{file_name(study)}.json"
        self._known: tuple[int, str | None] | None = None

    def refresh(self) -> bool:
        """Write what has changed since the last time; return whether anything had.

        Raises
        ------
        WorkbenchError
            where the study is not there, or the register cannot be read.

        """
        now = self._register.position()
        if now == self._known:
            return False
        study = self._register.load_study(self._study).study
        wanted = {self.path: json_text(study_document(study)), **dict(self._runs())}
        wanted |= dict(self._systems())
        wanted |= dict(ties_file(self._register, self._study, self.path))
        wanted |= dict(readiness_files(self._register, self._study, study.name, self.path))
        if now[1] is not None:
            wanted[checkpoint_file(self.path)] = now[1]
        for path, text in wanted.items():
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                save(path, text)
        for path in self._written():
            if path not in wanted:
                path.unlink()
        self._drop_empty(readiness_folder(self.path))  # that one is there says that it is stated
        self._known = now
        return True

    def follow(self, told: Callable[[str], None]) -> Callable[[], None]:
        """Refresh from a thread of its own; what is returned ends it, and waits until it has.

        A fault is told once; the pages then go on showing what was there.
        """
        done = threading.Event()

        def look() -> None:
            last = ""
            while not done.wait(EVERY):
                try:
                    self.refresh()
                    last = ""
                except (ValueError, LookupError, OSError) as error:  # WorkbenchError is the first
                    if str(error) != last:
                        last = str(error)
                        told(last)

        thread = threading.Thread(target=look, name="mirror", daemon=True)
        thread.start()

        def end() -> None:
            done.set()
            thread.join()

        return end

    def _runs(self) -> Iterator[tuple[Path, str]]:
        for name, tree in self._register.parts(RUN, self._study):
            yield runs_folder(self.path) / f"{file_name(name)}.json", json_text(tree)

    def _systems(self) -> Iterator[tuple[Path, str]]:
        for name, _ in self._register.parts("system", self._study):
            system = self._register.load("system", f"{self._study}{IN_A_STUDY}{name}")
            yield systems_folder(self.path) / f"{file_name(name)}.yaml", text_of(system)

    def _written(self) -> Iterator[Path]:
        folders = (runs_folder, systems_folder, readiness_folder)
        for folder in (of(self.path) for of in folders):
            yield from [path for path in folder.glob("**/*") if path.is_file()]

    def _drop_empty(self, folder: Path) -> None:
        if folder.is_dir() and not any(path.is_file() for path in folder.glob("**/*")):
            shutil.rmtree(folder)


def file_name(name: str) -> str:
    """Return a name for the file of an item, whatever its id is: it names no other folder."""
    plain = quote(name, safe="").replace("%3A", "-")
    plain = f"%2E{plain[1:]}" if plain.startswith(".") else plain
    return plain if len(plain) <= LONGEST else hashlib.sha256(name.encode()).hexdigest()
