"""Whether a register is what its log says, and its log what checkpoints say.

Every entry is read again, every version hashed again. What was changed without its entry is named
by the entry that made it. What was changed together with its entry is found by a checkpoint: the
fault then lies between the last one that still fits and the first that does not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, select

from workbench.audit.checkpoints import Note, VerifierKey, parse_note
from workbench.audit.entries import Entry, Row, parse_entry, tree_over
from workbench.audit.merkle import Tree, leaf_hash
from workbench.audit.signing import is_signed
from workbench.errors import WorkbenchError
from workbench.files.messages import printable
from workbench.register.accounts import digests
from workbench.register.checkpointing import notes, origin_of, verifier_of
from workbench.register.log import AT_ONCE, all_rows
from workbench.register.records import digest
from workbench.register.tables import ITEMS, LOG, TOUCHED, VERSIONS

# What reading a version may raise that is no JSON, or of another shape than its kind.
OTHER_SHAPE = (ValueError, AttributeError, LookupError, TypeError, RecursionError)


Placed = list[tuple[int, Row]]  # what an entry touched, each with its place in the entry's tree


@dataclass(frozen=True)
class Verdict:
    """What was found; `first_bad` is the number of an entry, `last_good` the size of a log."""

    entries: int
    faults: tuple[str, ...]
    first_bad: int | None
    last_good: int | None  # of the largest checkpoint that fits, None where none was given
    checkpoints: int  # that were compared, those kept outside among them
    root: str
    between: tuple[int, int] | None = None  # entries, the first changed one among them
    between_inside: tuple[int, int] | None = None  # fewer, if checkpoints inside are believed

    @property
    def is_good(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


@dataclass(frozen=True)
class Fault:
    """What is wrong, and from which entry on; None where no entry can be named."""

    entry: int | None
    what: str


@dataclass
class Told:
    """What entries tell of accounts and of the log itself."""

    authors: dict[str, tuple[int, str]] = field(default_factory=dict)  # id: first entry, digest
    erased: set[str] = field(default_factory=set)
    verifier: str | None = None

    def read(self, entry: Entry) -> Iterator[str]:
        """Take in an entry; yield what does not fit those before it."""
        _, who = self.authors.setdefault(entry.by, (entry.seq, entry.who))
        if who != entry.who:
            yield "its author's name is another than in earlier entries"
        if entry.act == "erase":
            self.erased.add(str(entry.details.get("account")))
        if entry.act == "open":
            self.verifier = str(entry.details.get("verifier"))

    def faults(self, connection: Connection) -> Iterator[Fault]:
        """Compare the names of accounts, and the key, with what entries tell."""
        people = digests(connection)
        for account, (seq, who) in self.authors.items():
            if account not in people:
                yield Fault(seq, f"entry {seq}: its author's account is gone")
                continue
            name, found = people[account]
            if name is None and account not in self.erased:
                yield Fault(seq, f"entry {seq}: its author's name was erased by no entry")
            elif found not in {None, who}:
                yield Fault(seq, f"entry {seq}: its author is shown under another name")
        told = _told_key(connection)
        if told is None:
            yield Fault(0, "entry 0: the key that the register tells cannot be read")
        elif self.verifier not in {None, str(told)} or told.name != origin_of(connection):
            yield Fault(0, "entry 0: the key of the log is another than when it was opened")


def verify(
    connection: Connection, outside: Sequence[str] = (), key: VerifierKey | None = None
) -> Verdict:
    """Check a register against its log, and its log against checkpoints.

    Parameters
    ----------
    outside : checkpoints that were kept elsewhere; only they hold against the owner of the file
    key : the public key that was kept with them; else the one that the register tells

    """
    tree, told = Tree(), Told()
    faults = list(_log_faults(connection, tree, told))
    faults += told.faults(connection)
    faults += _version_faults(connection)
    faults += _item_faults(connection)
    given = list(_judged(connection, tree, outside, key or _told_key(connection)))
    # who owns the file can sign again what stands in it: of an outside one only others count
    trusted = [one for one in given if one.is_outside] or given
    good = [one.size for one in trusted if one.fault is None and one.size is not None]
    last_good = max(good, default=None)
    faults += [one.told(good) for one in given if one.fault is not None]
    named = [fault.entry for fault in faults if fault.entry is not None]
    first = min(named, default=None)
    if first is not None and last_good is not None:
        last_good = max((size for size in good if size <= first), default=None)
    lines = tuple(printable(fault.what) for fault in sorted(faults, key=_order))
    judged = sum(one.size is not None for one in given)
    places = _between(trusted), _narrower(trusted, given)
    return Verdict(tree.size, lines, first, last_good, judged, tree.root().hex(), *places)


def _told_key(connection: Connection) -> VerifierKey | None:
    try:
        return verifier_of(connection)
    except ValueError:
        return None


def _order(fault: Fault) -> tuple[bool, int]:
    return fault.entry is None, fault.entry or 0


def _log_faults(connection: Connection, tree: Tree, told: Told) -> Iterator[Fault]:
    """Read every entry and what it touched; `tree` and `told` are filled with the entries."""
    touched = _grouped(connection)
    waiting = next(touched, None)
    expected = 0
    query = select(LOG.c.seq, LOG.c.by, LOG.c.act, LOG.c.body).order_by(LOG.c.seq)
    for found in connection.execute(query.execution_options(yield_per=AT_ONCE)):
        if found.seq != expected:
            yield Fault(expected, f"entry {expected} is missing: the next one is {found.seq}")
        expected = found.seq + 1
        data = found.body.encode("utf-8", "surrogateescape")
        tree.append(leaf_hash(data))
        while waiting is not None and waiting[0] < found.seq:
            yield Fault(waiting[0], f"rows of entry {waiting[0]}, which is not there")
            waiting = next(touched, None)
        rows: Placed = []
        if waiting is not None and waiting[0] == found.seq:
            rows, waiting = waiting[1], next(touched, None)
        try:
            entry = parse_entry(data)
        except WorkbenchError as error:
            yield Fault(found.seq, f"entry {found.seq}: {error}")
            continue
        yield from (
            Fault(found.seq, f"entry {found.seq}: {what}")
            for what in (*_odd(connection, entry, found, rows), *told.read(entry))
        )
    if waiting is not None:
        yield Fault(waiting[0], f"rows of entry {waiting[0]}, which is not there")


def _odd(connection: Connection, entry: Entry, found: Any, placed: Placed) -> Iterator[str]:
    if (entry.seq, entry.by, entry.act) != (found.seq, found.by, found.act):
        yield "it says another number, account or act than its row"
    rows = [row for number, (place, row) in enumerate(placed) if place == number]
    if len(rows) < len(placed):  # they are none of the entry's, and would pass for some
        yield f"{len(placed) - len(rows)} of its rows stand in another place than their own"
    if entry.rows != len(rows):
        yield f"what it touched is not what it says ({len(rows)} rows, {entry.rows} told)"
    elif entry.root != tree_over(rows).root().hex():
        yield f"what it touched is another than it recorded, {_where(connection, entry, rows)}"


def _where(connection: Connection, entry: Entry, rows: Sequence[Row]) -> str:
    """Name the first row that is not of its version; where none is, say among how many it is."""
    same = [TOUCHED.c[name] == VERSIONS.c[name] for name in ("kind", "id", "version")]
    query = select(VERSIONS.c.body).select_from(TOUCHED).join(VERSIONS, and_(*same), isouter=True)
    query = query.where(TOUCHED.c.seq == entry.seq).order_by(TOUCHED.c.place)
    bodies = connection.execute(query.execution_options(yield_per=AT_ONCE)).scalars()
    found = [digest(body) for body in bodies]  # all are read: a server's cursor is not left open
    pairs = zip(rows, found, strict=False)
    first = next((row for row, sha256 in pairs if row.sha256 != sha256), None)
    if first is not None:
        return f"first {first.kind} {first.id} version {first.version}"
    if not rows:
        return "which was nothing"
    row = rows[0]
    told = f"{row.kind} {row.id} version {row.version}"
    return told if len(rows) == 1 else f"one of {len(rows)} rows that begin with {told}"


def _grouped(connection: Connection) -> Iterator[tuple[int, Placed]]:
    for seq, group in groupby(all_rows(connection), key=lambda found: found[0]):
        yield seq, [(place, row) for _, place, row in group]


def _version_faults(connection: Connection) -> Iterator[Fault]:
    """Hash every version again, and compare it with the act that made it."""
    told: dict[tuple[str, str, int], tuple[int, str]] = {}
    for seq, _, row in all_rows(connection):
        told.setdefault((row.kind, row.id, row.version), (seq, row.sha256))
    query = select(VERSIONS.c.kind, VERSIONS.c.id, VERSIONS.c.version, VERSIONS.c.body)
    for found in connection.execute(query.execution_options(yield_per=AT_ONCE)):
        name = (found.kind, found.id, found.version)
        what = f"{found.kind} {found.id} version {found.version}"
        if name not in told:
            yield Fault(None, f"{what} was made by no entry")
            continue
        seq, sha256 = told.pop(name)
        if digest(found.body) != sha256:
            yield Fault(seq, f"entry {seq}: {what} is not what it recorded")
    for (kind, one, version), (seq, _) in told.items():
        yield Fault(seq, f"entry {seq}: {kind} {one} version {version} is gone")


def _item_faults(connection: Connection) -> Iterator[Fault]:
    """Compare what is said to be current with what was touched last."""
    last: dict[tuple[str, str], tuple[int, Row]] = {}
    for seq, _, row in all_rows(connection):
        last[row.kind, row.id] = seq, row
    same = [ITEMS.c[name] == VERSIONS.c[name] for name in ("kind", "id", "version")]
    query = select(ITEMS, VERSIONS.c.body).join(VERSIONS, and_(*same), isouter=True)
    for found in connection.execute(query):
        touched = last.pop((found.kind, found.id), None)
        what = f"{found.kind} {found.id}"
        if touched is None:
            yield Fault(None, f"{what} is current by no entry")
            continue
        seq, row = touched
        if (found.version, found.state, found.sha256, found.seq) != (
            row.version,
            row.state,
            row.sha256,
            seq,
        ):
            yield Fault(seq, f"entry {seq}: {what} is not shown as it left it")
        elif found.body is not None and found.name != _title(found):
            yield Fault(seq, f"entry {seq}: {what} is shown under another name")
    for (kind, one), (seq, _) in last.items():
        yield Fault(seq, f"entry {seq}: {kind} {one} is not shown any more")


def _title(found: Any) -> str | None:
    """Return the name that a list should show; None where the version cannot be read."""
    from workbench.register.kinds import title_of  # values and their forms: not to list or to show

    try:
        return title_of(found.kind, found.id, found.body)
    except OTHER_SHAPE:  # told as another fault
        return None


@dataclass(frozen=True)
class Judged:
    """A checkpoint, and what is wrong with it, or with the log by it."""

    size: int | None  # None where it is no checkpoint
    fault: str | None
    is_outside: bool
    fits: bool = True  # whether the log is what it says, as far as it can be believed

    def told(self, good: Iterable[int]) -> Fault:
        """Return the fault; one of the log lies after the last of the `good` checkpoints."""
        assert self.fault is not None
        if self.fits or self.size is None:
            return Fault(None, self.fault)
        return Fault(max((one for one in good if one < self.size), default=0), self.fault)


def _between(judged: Iterable[Judged]) -> tuple[int, int] | None:
    """Return the entries among which the first changed one is; None where all of them fit."""
    found = [(one.size, one.fits, one.fault) for one in judged if one.size is not None]
    end = min((size for size, fits, _ in found if not fits), default=None)
    if end is None:
        return None
    good = (size for size, _, fault in found if fault is None and size < end)
    return max(good, default=0), end - 1


def _narrower(trusted: Sequence[Judged], given: Sequence[Judged]) -> tuple[int, int] | None:
    """Return fewer entries than `trusted` tells, where checkpoints inside do not contradict it."""
    proven, found = _between(trusted), _between(given)
    if proven is None or found is None or found == proven:
        return None
    signed_anew = any(
        one.fault is None and one.size is not None and one.size > found[1] for one in given
    )
    return None if signed_anew else found


def _judged(
    connection: Connection, tree: Tree, outside: Sequence[str], key: VerifierKey | None
) -> Iterator[Judged]:
    """Yield each checkpoint, those kept outside first."""
    kept = [(False, note) for note in notes(connection)]
    for is_outside, text in [*((True, note) for note in outside), *kept]:
        where = "outside" if is_outside else "in the register"
        try:
            note = parse_note(text)
        except WorkbenchError as error:
            yield Judged(None, f"a checkpoint kept {where}: {error}", is_outside)
            continue
        size = note.checkpoint.size
        what = f"the checkpoint of {size} entries kept {where}"
        odd, other = _odd_note(note, key), _misfit(note, tree)
        fault = odd or other
        yield Judged(
            size,
            None if fault is None else f"{what} {fault}",
            is_outside,
            fits=odd is not None or other is None,
        )


def _odd_note(note: Note, key: VerifierKey | None) -> str | None:
    """Say why a checkpoint cannot be believed."""
    if key is None:
        return "cannot be checked without a key"
    if note.checkpoint.origin != key.name:
        return f"is of another log, {note.checkpoint.origin[:80]}"
    if not is_signed(note, key):
        return f"is not signed by {key.name} {key.hint.hex()}"
    return None


def _misfit(note: Note, tree: Tree) -> str | None:
    """Say in what the log is not what a checkpoint says."""
    found = note.checkpoint
    if found.size > tree.size:
        return f"does not fit: the log has only {tree.size}; entries were cut off"
    if tree.root(found.size) != found.root:
        return "does not fit: an entry before it was changed"
    return None
