"""Review: a draft is submitted, approved by somebody else, and retired in the end.

    draft -> in review -> approved -> retired
               |
               +-> draft (returned)

An approval names a version, so that an edit afterwards is a draft again. Whoever had a hand in a
version since the last one whose approval stands does not approve it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from workbench.audit.entries import Entry, Row
from workbench.errors import WorkbenchError, require
from workbench.register.accounts import account, erased_accounts
from workbench.register.acts import acts_on, decided, deletions, gone_since, versions_at
from workbench.register.committing import done_before, heads, set_current
from workbench.register.history import head_of
from workbench.register.log import Act, append, authors_of, next_seq
from workbench.register.naming import STUDY
from workbench.register.records import APPROVED, DRAFT, IN_REVIEW, RETIRED, Head

# act -> the states that it begins from, and the one that it ends in
STEPS = {
    "submit": ((DRAFT,), IN_REVIEW),
    "return": ((IN_REVIEW,), DRAFT),
    "approve": ((IN_REVIEW,), APPROVED),
    "retire": ((APPROVED, DRAFT), RETIRED),
}


def review(
    connection: Connection, act: Act, items: Sequence[tuple[str, str, int]], now: datetime
) -> Entry:
    """Give items, each with the version that is meant, their next state in one act.

    Raises
    ------
    WorkbenchError
        for a version that is not the current one, a state that the act does not begin from, and an
        approval by an author.

    """
    kind, name, version = items[0]  # the parts of a study may be others by now
    known = done_before(
        connection,
        act,
        lambda rows: (kind, name, version) in {(r.kind, r.id, r.version) for r in rows},
    )
    if known is not None:
        return known
    found = _current(connection, items)
    before, after = STEPS[act.act]
    moved = [head for head in found if head.state in before]
    first = found[0]
    # a study that was approved is looked at again once a part of it is a draft, or deleted
    if (act.act, first.kind, first.state) == ("submit", STUDY, APPROVED) and (
        moved or gone_since(connection, first.id, first.seq)
    ):
        moved.insert(0, first)
    if first not in moved:
        told = " or ".join(before)
        rule = f"to {act.act} {first.kind} {first.id} is to begin from {told}"
        require(False, rule, got=first.state, fix="`workbench register history` tells why.")
    if act.act == "approve":
        left = [f"{head.kind} {head.id}" for head in found if head.state == DRAFT]
        rule = "a study is approved with all its parts"
        require(not left, rule, got=f"drafts: {left[:5]}", fix="Return it, and submit it again.")
        _refuse_authors(connection, moved, act.by)  # the first of which is a study
    rows = [Row(head.kind, head.id, head.version, after, head.sha256) for head in moved]
    entry = append(connection, act, rows, now)
    set_current(connection, rows, [head.name for head in moved], entry.seq)
    return entry


def _current(connection: Connection, items: Sequence[tuple[str, str, int]]) -> list[Head]:
    """Return the heads of items, each of the version that is meant."""
    known = heads(connection, [(kind, name) for kind, name, _ in items])
    found = []
    for kind, name, version in items:
        head = known.get((kind, name)) or head_of(connection, kind, name)  # which tells the nearest
        if head.version != version:
            raise WorkbenchError(
                f"an act of review names the current version of {kind} {name}, {head.version}; got "
                f"{version}. Look at what has changed, then name {head.version}."
            )
        found.append(head)
    return found


def authors(
    connection: Connection, items: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], set[str]]:
    """Return the accounts that made versions of each item since the last approval that stands.

    Who deleted a part of a study since then is an author of the study.
    """
    acts = list(acts_on(connection, items))
    approved = {
        item: max((v, seq) for v, (state, seq) in of.items() if state == APPROVED)
        for item, of in decided(acts).items()
        if any(state == APPROVED for state, _ in of.values())
    }
    made: dict[tuple[tuple[str, str], int], int] = {}  # the act that made each version
    for item, seq, version, _ in acts:
        if item not in approved or version > approved[item][0]:
            made.setdefault((item, version), seq)
    by: dict[tuple[str, str], set[int]] = {item: set() for item in items}
    for (item, _), seq in made.items():
        by[item].add(seq)
    for kind, name in items:
        if kind == STUDY:
            _, since = approved.get((kind, name), (0, 0))
            by[kind, name] |= deletions(connection, name, since)
    names = authors_of(connection, set().union(*by.values()))
    return {item: {names[seq] for seq in seqs} for item, seqs in by.items()}


def refuse_unseen(
    connection: Connection, items: Sequence[tuple[str, str, int]], seen: int | None
) -> None:
    """Refuse to approve what was changed or deleted after a reviewer could have looked at it.

    Parameters
    ----------
    items : kind, id and version of what would be approved; a study stands before its parts
    seen : the entry that was looked at; that of the submission unless told

    """
    kind, name, _ = items[0]
    since = head_of(connection, kind, name).seq if seen is None else seen
    gone = gone_since(connection, name, since) if kind == STUDY else []
    versions = {(kind, name): version for kind, name, version in items}
    last = next_seq(connection) - 1
    rule = "what was looked at is an entry of the log"
    require(0 <= since <= last, rule, got=since, fix=f"The last one is {last}.")
    then = versions_at(connection, list(versions), since)
    changed = [key for key, version in versions.items() if then[key] != version]
    other = [f"{kind} {name}" for kind, name in (*changed, *gone)]
    if other:
        raise WorkbenchError(
            f"what is approved is what was looked at; got {', '.join(other[:5])} changed after "
            f"entry {since} ({len(other)} in all). Return it, look at it, and submit it again."
        )


def _refuse_authors(connection: Connection, moved: Sequence[Head], by: str) -> None:
    found = authors(connection, [(head.kind, head.id) for head in moved])
    own, forgotten = account(connection, by)[0], erased_accounts(connection)
    refused = {own, *forgotten}
    for head in moved:
        if not refused.isdisjoint(found[head.kind, head.id]):
            _refuse_author(head, found[head.kind, head.id], (own, by), forgotten)


def _refuse_author(
    head: Head, found: set[str], reviewer: tuple[str, str], forgotten: set[str]
) -> None:
    own, by = reviewer
    what = (
        f"who made version {head.version} of {head.kind} {head.id}, or changed it since the last "
        "approval that stands"
    )
    if own in found:
        raise WorkbenchError(
            f"a reviewer is not an author; got {by}, {what}. Somebody else approves it."
        )
    erased = sorted(found & forgotten)
    if erased:  # who was erased may act again under a new account
        raise WorkbenchError(
            f"a reviewer is not an author; got {erased[0]}, {what}, and whose name was erased, so "
            "that nobody can tell who it was. Save it under another id, and have that approved."
        )
