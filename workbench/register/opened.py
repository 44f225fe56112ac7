"""A register's database while it is open: made, opened, closed, and its log."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine

from workbench.audit.checkpoints import VerifierKey
from workbench.audit.entries import Entry
from workbench.audit.merkle import Tree
from workbench.errors import WorkbenchError, require
from workbench.register import accounts, backing_up, checkpointing, granting
from workbench.register.committing import commit
from workbench.register.connecting import connected, keep_a_write_ahead_log, reading, writing
from workbench.register.keys import find_key
from workbench.register.log import Act, append, bodies, entries, next_seq
from workbench.register.migrating import check, make, migrate
from workbench.register.places import Place, place_of
from workbench.register.placing import clear_parts, placed
from workbench.register.records import Change
from workbench.register.verifying import Verdict, verify

Answer = TypeVar("Answer")


class NoCheckpoint(WorkbenchError):
    """What was done is kept, and no checkpoint could be made of it."""


class OpenRegister:
    """What is the same for all that is kept.

    A context manager, which makes a last checkpoint where something was written.

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
        self._hashing = Lock()
        self._wrote = False

    @classmethod
    def create(cls, place: str | Path | Place, *, by: str = "", **more: Any) -> Self:
        """Make a register where none is, and open it."""
        found = place if isinstance(place, Place) else place_of(place)
        name = by or accounts.own_name()
        if found.path is None:
            register = cls(found, connected(found, is_new=True), by=name, **more)
            with _closed_if_failed(register._engine):
                make(register._engine, found, register._open_log)
        else:
            with placed(found.path) as part:
                register = cls(Place(part), connected(Place(part), is_new=True), by=name, **more)
                make(register._engine, register.place, register._open_log)
                keep_a_write_ahead_log(register._engine, register.place)  # all is in the file now
            register = cls(found, connected(found), by=name, **more)
        register._wrote = True
        return register

    @classmethod
    def open(
        cls, place: str | Path | Place, *, by: str = "", reads_only: bool = False, **more: Any
    ) -> Self:
        """Open a register that is there; an older one is brought up to date, a backup first."""
        found = place if isinstance(place, Place) else place_of(place)
        if found.path is not None and not reads_only:
            clear_parts(found.path.parent)
        engine = connected(found, reads_only=reads_only)
        with _closed_if_failed(engine):
            if not check(engine, found):
                require(
                    not reads_only,
                    "an older register is brought up to date before it is read alone",
                    got=str(found),
                    fix="Open it once to write, for instance with `workbench audit checkpoint`.",
                )
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
                self.last_checkpoint()
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

    def do(self, act: str, changes: Sequence[Change], **told: Any) -> Entry | None:
        """Do an act on versions; one that touches nothing but the log has no changes."""
        with self._writing() as connection:
            done = Act(act, self.by, **told)
            if not changes:
                return append(connection, done, [], self._clock())
            return commit(connection, done, changes, self._clock())

    def _open_log(self, connection: Connection, verifier: str) -> None:
        append(connection, Act("open", self.by, "", {"verifier": verifier}), [], self._clock())

    def grant(self, role: str, *, reads_only: bool = False) -> None:
        """Let a role of the server act in the register, or only read it; its log only grows.

        Raises
        ------
        WorkbenchError
            for a register in a file, and a role that is not there or could change the log.

        """
        fix = "Let the folder's permissions say who may write the file."
        rule = "rights are granted on a server"
        require(not self.place.is_file, rule, got=str(self.place), fix=fix)
        with writing(self._engine, self.place) as connection:
            granting.grant(connection, role, granting.READ if reads_only else granting.APP)

    @contextmanager
    def acting(self, act: str, **told: Any) -> Iterator[Entry]:
        """Append an act that touches only the log; it stands once the block has ended well."""
        with self._writing() as connection:
            yield append(connection, Act(act, self.by, **told), [], self._clock())

    def ask(self, question: Callable[..., Answer], *about: Any) -> Answer:
        """Return what a function finds, which is given a connection and what it is about."""
        with self._reading() as connection:
            return question(connection, *about)

    def position(self) -> tuple[int, str | None]:
        """Return how many entries the log has, and its latest checkpoint."""
        with self._reading() as connection:
            return next_seq(connection), checkpointing.latest(connection)

    def log(self, start: int = 0, end: int | None = None) -> list[Entry]:
        """Return entries of the log, in order."""
        with self._reading() as connection:
            return list(entries(bodies(connection, start, end)))

    def names(self) -> dict[str, str]:
        """Return the names of the accounts by their ids."""
        with self._reading() as connection:
            return accounts.names(connection)

    def erase(self, name: str, *, reason: str = "") -> Entry:
        """Forget the name of an account, and its drafts; what it did stays, under its id.

        Raises
        ------
        WorkbenchError
            where no account has the name, and for one's own: the act would write it down again.

        """
        fix = "Let another account do it, with --as."
        require(name != self.by, "nobody erases the name they act under", got=name[:80], fix=fix)
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
        with self._hashing:  # two threads would add the same leaves twice
            with self._reading() as connection:  # before others have to wait
                self._tree = checkpointing.tree_of(connection, self._tree)
            with writing(self._engine, self.place) as connection:  # only what came since
                self._tree = checkpointing.tree_of(connection, self._tree)
                return checkpointing.checkpoint(connection, self._tree, key)

    def last_checkpoint(self) -> str | None:
        """Return a checkpoint that is made after something was kept.

        Raises
        ------
        NoCheckpoint
            a WorkbenchError, where none could be made: what was kept before stands all the same.

        """
        try:
            return self.checkpoint()
        except WorkbenchError as error:
            why = str(error).replace("nothing was changed", "no checkpoint was made")
            raise NoCheckpoint(
                f"all that was saved is kept, but not the last checkpoint: {why}"
            ) from error

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
        with reading(self._engine, self.place, verbatim=True) as connection:
            return verify(connection, outside, key)

    def backup(self, target: str | Path) -> None:
        """Copy the register to a new file, while others go on using it."""
        backing_up.backup(self._engine, self.place, Path(target))


@contextmanager
def _closed_if_failed(engine: Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise
