"""A register that is open: what people and programs do with it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.audit.entries import Entry, Row
from workbench.audit.lineage import Lineage, Subject, joined
from workbench.errors import require
from workbench.files.collecting import no_collector
from workbench.files.parts import Part
from workbench.files.run_saving import run_document
from workbench.files.runs import Approval
from workbench.models.study import Study
from workbench.register import drafts, history, undoing
from workbench.register.accounts import check_name
from workbench.register.committing import are_asked, commit, done_before, heads
from workbench.register.connecting import writing
from workbench.register.differences import differences
from workbench.register.kinds import KINDS, body_as_read, body_of, kind_of
from workbench.register.log import Act, asked_before
from workbench.register.naming import IN_A_STUDY, PARTS, STUDY, SUBJECT, check_kind
from workbench.register.opened import OpenRegister
from workbench.register.parts import around, change_of, changes_of, part_at
from workbench.register.records import GONE, Change, Difference, Head, Version
from workbench.register.reviewing import refuse_unseen, review
from workbench.register.runs import keep_run
from workbench.register.studies import (
    check_study,
    check_study_id,
    gone_parts,
    lineage_of,
    parts_of,
    refuse_torn,
    study_at,
    versions_in,
    whole_study,
)


@dataclass(frozen=True)
class StoredStudy:
    """A study as it was read, and the versions that it was made of."""

    study: Study
    versions: Mapping[tuple[str, str], int]


class Register(OpenRegister):
    """An open register, made by `create` or `open`: studies, values, their versions and review.

    Parameters
    ----------
    place : where it is
    by : the name of the account that acts
    reads_only : whether it is opened to be read alone
    clock : gives the time of an act

    """

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
        WorkbenchError
            for a study that no file could hold: it would not be read back.

        """
        _check_base(base)
        changes = parts = parts_of(name, study)
        if source is None:  # a file has passed the gate
            check_study(name, study)
        with no_collector(), self._writing() as connection:
            there = history.is_there(connection, STUDY, name)
            if base is not None:
                versions = dict(base.versions)
                edited = set(changes) - set(parts_of(name, base.study))  # others are not ours
                changes = [one for one in changes if one in edited]
                changes = [
                    replace(one, base=versions.get((one.kind, one.id), 0)) for one in changes
                ]
                if not there and parts[0] not in edited:  # it was deleted: its head says so
                    changes.insert(0, replace(parts[0], base=versions.get((STUDY, name), 0)))
            else:
                versions = whole_study(connection, name) if there else {}
            act = "import" if source is not None else "edit" if there else "create"
            told = Act(act, self.by, reason, source, request)
            whole = [*changes, *gone_parts(parts, versions)]
            entry = commit(connection, told, whole, self._clock())
            if base is not None and entry is not None:
                refuse_torn(connection, name, whole)  # with what others have changed
            return entry

    def save_run(
        self,
        name: str,
        study: Study,
        record: Mapping[str, Any],
        *,
        approval: Approval | None = None,
        note: str = "",
        uses: Sequence[str] = (),
        request: str = "",
    ) -> Entry:
        """Keep what a study, as it was computed, came to; `record` is that of its result.

        The entry holds the hash of its inputs, its engine, seed and version, so that a figure can
        be traced to the study that it was computed from; and which scenarios it counts are retired.

        Parameters
        ----------
        uses : the keys of the subjects of lineage that it rests on, each of which then names it

        """
        check_study_id(name)
        moment = self._clock()
        told = run_document(
            f"{name}.json", study, record, approval=approval, note=note, moment=moment
        )
        act = Act("run", self.by, note, None, request)
        with no_collector(), self._writing() as connection:
            return keep_run(connection, act, told, name=name, study=study, uses=uses, moment=moment)

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
        WorkbenchError
            for a value of no kind, one that would not be read back as it is, and a subject of
            lineage under another id than its own, or that would come from itself.

        """
        kind = kind_of(value)
        own = value.key if isinstance(value, Subject) else name
        rule = "a subject stands under the id that its name and version make"
        require(name == own, rule, got=name[:80], fix=f"Save it under {own}.")
        change = Change(kind.name, name, body_as_read(kind, name, value), kind.title(value), base)
        with self._writing() as connection:
            there = history.is_there(connection, kind.name, name)
            told = Act("edit" if there else "create", self.by, reason, None, request)
            entry = commit(connection, told, [change], self._clock())
            if kind.name == SUBJECT:
                lineage_of(connection)  # with the others it is still a lineage
            return entry

    def save_part(
        self,
        study: str,
        part: Part,
        *,
        reason: str = "",
        base: int | None = None,
        request: str = "",
    ) -> Entry | None:
        """Keep one scenario or asset of a study, or its tolerance; None where it is so already.

        The rest of the study is neither read nor written, however large it is, unless it has a
        dependence that may speak of the scenario.

        Raises
        ------
        Conflict
            where there is a later version than `base`.
        WorkbenchError
            for what the study that it belongs to would refuse.

        """
        act = Act("edit", self.by, reason, None, request)

        def is_asked(rows: Sequence[Row]) -> bool:
            return are_asked(rows, [change_of(study, part, base)])

        with self._writing() as connection:
            known = done_before(connection, act, is_asked)
            if known is not None:  # whatever others have changed of its study since
                return known
            changes = changes_of(connection, study, part, base)
            there = history.is_there(connection, changes[-1].kind, changes[-1].id)
            told = act if there else replace(act, act="create")
            return commit(connection, told, changes, self._clock())

    def load_part(self, kind: str, study: str, name: str = "") -> Part:
        """Return one scenario or asset of a study as it is, or its tolerance."""
        with self._reading() as connection:
            return part_at(connection, kind, study, name)

    def around(self, study: str, asset: str | None) -> dict[str, Any]:
        """Return what a scenario of a study is checked against: see `around` of parts."""
        with self._reading() as connection:
            return around(connection, study, asset)

    def save_lineage(
        self, told: Lineage, *, reason: str = "", source: Mapping[str, Any] | None = None
    ) -> Entry | None:
        """Keep what is told of data and models, joined with what is kept; None if nothing is new.

        Raises
        ------
        WorkbenchError
            where the two cannot both be true: two hashes of one version, or a circle.

        """
        with no_collector(), self._writing() as connection:
            before = lineage_of(connection)
            changes = [
                Change(SUBJECT, one.key, body_of(KINDS[SUBJECT].dump(one)), one.type)
                for one in joined([*before.subjects, *told.subjects]).subjects
                if before.by_key.get(one.key) != one
            ]
            return commit(
                connection, Act("record", self.by, reason, source), changes, self._clock()
            )

    def lineage(self) -> Lineage:
        """Return all that is kept of data and models."""
        with no_collector(), self._reading() as connection:
            return lineage_of(connection)

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
        with no_collector(), self._writing() as connection:
            head = history.head_of(connection, kind, name)
            changes = [Change(kind, name, None, head.name, base)]
            if kind == STUDY and head.state != GONE:
                parts = whole_study(connection, name)
                changes += [Change(*key, None) for key in parts if key[0] in PARTS]
            entry = commit(connection, Act("delete", self.by, reason), changes, self._clock())
            if kind in PARTS:
                refuse_torn(connection, name.partition(IN_A_STUDY)[0], changes)
            return entry

    def find(self, kind: str, name: str) -> Head | None:
        """Return what is current of an item, None where it never was."""
        with self._reading() as connection:
            return heads(connection, [(kind, name)]).get((kind, name))

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

    def parts(self, kind: str, study: str) -> list[tuple[str, Any]]:
        """Return what is current of a kind and belongs to a study: its own id, and plain data."""
        check_kind(kind)
        prefix = study + IN_A_STUDY
        with self._reading() as connection:
            found = list(history.bodies_at(connection, kind, prefix))
        return [(name.removeprefix(prefix), json.loads(body)) for name, _, body in found]

    def undo(self, *, request: str = "") -> Entry:
        """Take back the account's latest edit that is not yet undone."""
        with no_collector(), self._writing() as connection:
            return undoing.undo(connection, self.by, self._clock(), request)

    def redo(self, *, request: str = "") -> Entry:
        """Do again what the account undid last."""
        with no_collector(), self._writing() as connection:
            return undoing.redo(connection, self.by, self._clock(), request)

    def put_draft(self, kind: str, name: str, tree: Any, base: int = 0) -> drafts.Draft:
        """Keep what is being typed of an item, outside the log; return it as it is kept."""
        made = drafts.made(kind, name, base, body_of(tree), self._clock())
        with writing(self._engine, self.place) as connection:
            drafts.put(connection, self.by, made)
        return made

    def drafts(self) -> list[drafts.Draft]:
        """Return what the account has typed and not saved; no writer is waited for."""
        check_name(self.by)
        with self._reading() as connection:
            return drafts.of_account(connection, self.by)

    def drop_draft(self, kind: str, name: str) -> None:
        """Forget a draft."""
        with writing(self._engine, self.place) as connection:
            drafts.drop(connection, self.by, kind, name)

    def review(
        self,
        act: str,
        kind: str,
        name: str,
        version: int,
        *,
        reason: str = "",
        request: str = "",
        seen: int | None = None,
    ) -> Entry:
        """Submit, return, approve or retire the version of an item; of a study with its parts.

        Parameters
        ----------
        seen : the entry of the log after which it was looked at; that of its submission unless
            told. What was changed or deleted since is not approved

        Raises
        ------
        WorkbenchError
            for a version that is not the current one, a state that the act does not begin from, and
            an approval by an author.

        """
        whole: Mapping[tuple[str, str], int] = {}
        if kind == STUDY:
            with no_collector(), self._reading() as connection:  # read before others have to wait
                whole = whole_study(connection, name)
        with no_collector(), self._writing() as connection:
            items = [(kind, name, version)]
            if kind == STUDY:
                parts = versions_in(connection, name)
                if parts != whole:  # changed meanwhile
                    parts = whole_study(connection, name)
                items += [(*key, number) for key, number in parts.items() if key[0] in PARTS]
            looked = kind == STUDY or seen is not None
            if act == "approve" and looked and asked_before(connection, request) is None:
                refuse_unseen(connection, items, seen)
            entry = review(
                connection, Act(act, self.by, reason, None, request), items, self._clock()
            )
        if act == "approve":
            self.last_checkpoint()
        return entry


def _check_base(base: object) -> None:
    """Refuse to begin from what is no study that was read: its versions are not known."""
    good = base is None or isinstance(base, StoredStudy)
    rule, fix = "a study is edited from one that was read", "Give what `load_study` returned."
    require(good, rule, got=type(base).__name__, fix=fix)
