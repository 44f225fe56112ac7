"""A register that is open: what people and programs do with it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine

from workbench.audit.checkpoints import VerifierKey
from workbench.audit.entries import Entry
from workbench.audit.merkle import Tree
from workbench.files.collecting import no_collector
from workbench.models.study import Study
from workbench.register import accounts, backing_up, checkpointing, drafts, history, undoing
from workbench.register.committing import commit
from workbench.register.connecting import connected, keep_a_write_ahead_log, reading, writing
from workbench.register.differences import differences
from workbench.register.keys import find_key
from workbench.register.kinds import KINDS, PARTS, STUDY, body_of, check_kind, kind_of
from workbench.register.log import Act, append, bodies, entries
from workbench.register.migrating import check, make, migrate
from workbench.register.places import Place, place_of
from workbench.register.records import Change, Difference, Head, Version
from workbench.register.reviewing import review
from workbench.register.studies import gone_parts, parts_of, study_at
from workbench.register.verifying import Verdict, verify


@dataclass(frozen=True)
class StoredStudy:
    """A study as it was read, and the versions that it was made of."""

    study: Study
    versions: Mapping[tuple[str, str], int]


class Register:
    """An open register; a context manager that makes a last checkpoint when it wrote something.

    Parameters
    ----------
    place : where it is
    by : the name of the account that acts
    reads_only : whether it is opened to be read alone
    clock : gives the time of an act

    """

    def __init__(
        self,
        place: Place,
        engine: Engine,
        *,
        by: str = "",
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.place, self._engine = place, engine
        self.by = by
        self._clock = clock or (lambda: datetime.now(UTC))
        self._tree = Tree()
        self._wrote = False

    @classmethod
    def create(cls, place: str | Path | Place, *, by: str = "", **more: Any) -> "Register":
        """Make a register where none is, and open it."""
        found = place if isinstance(place, Place) else place_of(place)
        engine = connected(found, is_new=True)
        if found.is_file:
            keep_a_write_ahead_log(engine, found)
        verifier = make(engine, found)
        register = cls(found, engine, by=by or accounts.own_name(), **more)
        register._do("open", [], reason="", details={"verifier": str(verifier)})
        return register

    @classmethod
    def open(
        cls, place: str | Path | Place, *, by: str = "", reads_only: bool = False, **more: Any
    ) -> "Register":
        """Open a register that is there; an older one is brought up to date, a backup first."""
        found = place if isinstance(place, Place) else place_of(place)
        engine = connected(found, reads_only=reads_only)
        if not check(engine, found) and not reads_only:
            migrate(engine, found)
        name = by or ("" if reads_only else accounts.own_name())
        return cls(found, engine, by=name, **more)

    def __enter__(self) -> Self:
        """Return the register itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Make a last checkpoint where something was written, and let the database go."""
        try:
            if self._wrote:
                self.checkpoint()
        finally:
            self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with reading(self._engine, self.place) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with writing(self._engine, self.place) as connection:
            yield connection
        self._wrote = True

    def _do(self, act: str, changes: Sequence[Change], **told: Any) -> Entry | None:
        """Do an act on versions; one that touches nothing but the log has no changes."""
        with self._writing() as connection:
            done = Act(act, self.by, **told)
            if not changes:
                return append(connection, done, [], self._clock())
            return commit(connection, done, changes, self._clock())

    # Studies and values

    def save_study(
        self,
        name: str,
        study: Study,
        *,
        reason: str = "",
        base: StoredStudy | None = None,
        source: Mapping[str, Any] | None = None,
        request: str = "",
    ) -> Entry | None:
        """Keep a study under an id; None where nothing of it differs from what is kept.

        Parameters
        ----------
        base : what was read and edited; a study that others have changed since is a conflict.
            Without it the study becomes this one, whatever it was
        source : what the file was that the study was read from; the act is then an import
        request : a word of who asks, so that asking twice does nothing twice

        Raises
        ------
        Conflict
            where a part that differs was changed by others since `base`.

        """
        with no_collector(), self._writing() as connection:
            changes = parts = parts_of(name, study)
            there = history.is_there(connection, STUDY, name)
            if base is not None:
                versions = dict(base.versions)
                edited = set(changes) - set(parts_of(name, base.study))  # others are not ours
                changes = [one for one in changes if one in edited]
                changes = [
                    replace(one, base=versions.get((one.kind, one.id), 0)) for one in changes
                ]
            else:
                versions = study_at(connection, name)[1] if there else {}
            act = "import" if source is not None else "edit" if there else "create"
            told = Act(act, self.by, reason, source, request)
            whole = [*changes, *gone_parts(parts, versions)]
            return commit(connection, told, whole, self._clock())

    def load_study(self, name: str, *, at: int | None = None) -> StoredStudy:
        """Return a study as it is, or as it was just after an act."""
        with no_collector(), self._reading() as connection:
            return StoredStudy(*study_at(connection, name, at))

    def save(
        self,
        name: str,
        value: object,
        *,
        reason: str = "",
        base: int | None = None,
        request: str = "",
    ) -> Entry | None:
        """Keep a value of one of the `KINDS` under an id; None where it is kept already.

        Raises
        ------
        Conflict
            where there is a later version than `base`.

        """
        kind = kind_of(value)
        change = Change(kind.name, name, body_of(kind.dump(value)), kind.title(value), base)
        with self._writing() as connection:
            there = history.is_there(connection, kind.name, name)
            told = Act("edit" if there else "create", self.by, reason, None, request)
            return commit(connection, told, [change], self._clock())

    def load(self, kind: str, name: str, version: int | None = None) -> Any:
        """Return a value as it is, or one version of it."""
        check_kind(kind)
        found = self.version(kind, name, version)
        tree = None if found.body is None else json.loads(found.body)
        return tree if kind not in KINDS or tree is None else KINDS[kind].load(tree, name)

    def delete(
        self, kind: str, name: str, *, reason: str = "", base: int | None = None
    ) -> Entry | None:
        """Make an item gone; its versions stay, and `undo` gives it back."""
        with self._reading() as connection:
            head = history.head_of(connection, kind, name)
        return self._do("delete", [Change(kind, name, None, head.name, base)], reason=reason)

    # What there is

    def items(self, **wanted: Any) -> tuple[list[Head], int]:
        """Return one page of what is current, and how many there are; see `found_items`."""
        with self._reading() as connection:
            return history.found_items(connection, **wanted)

    def history(self, kind: str, name: str) -> list[Version]:
        """Return every version of an item, the latest first."""
        with self._reading() as connection:
            history.head_of(connection, kind, name)
            return history.versions(connection, kind, name)

    def version(self, kind: str, name: str, version: int | None = None) -> Version:
        """Return one version of an item, the current one unless told."""
        with self._reading() as connection:
            number = history.head_of(connection, kind, name).version if version is None else version
            return history.version_of(connection, kind, name, number)

    def diff(self, kind: str, name: str, old: int, new: int) -> list[Difference]:
        """Return what differs between two versions of an item."""
        bodies = [self.version(kind, name, number).body for number in (old, new)]
        return differences(*bodies)

    # Undo, drafts, review

    def undo(self) -> Entry:
        """Take back the account's latest edit that is not yet undone."""
        with self._writing() as connection:
            return undoing.undo(connection, self.by, self._clock())

    def redo(self) -> Entry:
        """Do again what the account undid last."""
        with self._writing() as connection:
            return undoing.redo(connection, self.by, self._clock())

    def put_draft(self, kind: str, name: str, tree: Any, base: int = 0) -> None:
        """Keep what is being typed of an item, outside the log."""
        made = drafts.made(kind, name, base, body_of(tree), self._clock())
        with writing(self._engine, self.place) as connection:
            drafts.put(connection, self.by, made)

    def drafts(self) -> list[drafts.Draft]:
        """Return what the account has typed and not saved."""
        with writing(self._engine, self.place) as connection:
            return drafts.of_account(connection, self.by)

    def drop_draft(self, kind: str, name: str) -> None:
        """Forget a draft."""
        with writing(self._engine, self.place) as connection:
            drafts.drop(connection, self.by, kind, name)

    def review(
        self, act: str, kind: str, name: str, version: int, *, reason: str = "", request: str = ""
    ) -> Entry:
        """Submit, return, approve or retire the version of an item; of a study with its parts.

        Raises
        ------
        WorkbenchError
            for a version that is not the current one, a state that the act does not begin from, and
            an approval by an author.

        """
        with self._writing() as connection:
            items = [(kind, name, version)]
            if kind == STUDY:
                parts = study_at(connection, name)[1]
                items += [(*key, number) for key, number in parts.items() if key[0] in PARTS]
            entry = review(
                connection, Act(act, self.by, reason, None, request), items, self._clock()
            )
        if act == "approve":
            self.checkpoint()
        return entry

    # The log

    def log(self, start: int = 0, end: int | None = None) -> list[Entry]:
        """Return entries of the log, in order."""
        with self._reading() as connection:
            return list(entries(bodies(connection, start, end)))

    def names(self) -> dict[str, str]:
        """Return the names of the accounts by their ids."""
        with self._reading() as connection:
            return accounts.names(connection)

    def erase(self, name: str, *, reason: str = "") -> Entry:
        """Forget the name of an account; what it did stays, under its id."""
        with self._writing() as connection:
            found = accounts.erase(connection, name)
            act = Act("erase", self.by, reason, {"account": found})
            return append(connection, act, [], self._clock())

    def checkpoint(self) -> str | None:
        """Return a signed checkpoint of the log as it is; None where the key is not held here."""
        with self._reading() as connection:
            key = find_key(checkpointing.origin_of(connection))
        if key is None:
            return None
        with writing(self._engine, self.place) as connection:
            self._tree = checkpointing.tree_of(connection, self._tree)
            return checkpointing.checkpoint(connection, self._tree, key)

    def latest_checkpoint(self) -> str | None:
        """Return the latest checkpoint that was made."""
        with self._reading() as connection:
            return checkpointing.latest(connection)

    def verifier(self) -> VerifierKey:
        """Return the public key of the log, to be kept outside with the checkpoints."""
        with self._reading() as connection:
            return checkpointing.verifier_of(connection)

    def verify(self, outside: Sequence[str] = (), key: VerifierKey | None = None) -> Verdict:
        """Check the register against its log, and the log against checkpoints."""
        with self._reading() as connection:
            return verify(connection, outside, key)

    def backup(self, target: str | Path) -> None:
        """Copy the register to a new file, while others go on using it."""
        backing_up.backup(self._engine, self.place, Path(target))
