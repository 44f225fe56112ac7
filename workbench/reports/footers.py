"""The foot of every page and report: inputs, program, time, and the register's checkpoint."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime

from workbench import __version__
from workbench.audit.checkpoints import Note
from workbench.files.canonical import inputs_sha256
from workbench.models.study import Study

Term = tuple[str, str, str]  # a word, what is said of it, and the whole of it


def footer(
    study: Study, computed: datetime, kept: Note | None, between: Iterable[Term]
) -> tuple[Term, ...]:
    """Return the terms of a foot; `kept` is the checkpoint of the register, if there is one."""
    digest = inputs_sha256(study)
    when = f"{computed.astimezone(UTC):%d %b %Y, %H:%M} UTC"
    return (
        ("Study", study.name, study.name),
        *between,
        ("Version", __version__, ""),
        ("Input hash", f"sha256 {digest[:8]}…{digest[-4:]}", digest),
        ("Computed", when, computed.isoformat(timespec="seconds")),
        *register_terms(kept),
    )


def register_terms(kept: Note | None) -> tuple[Term, ...]:
    """Say up to which entry of the register's log a page stands, and the root to hold against it.

    The root is printed whole: a printed page is then a checkpoint that is kept outside.
    """
    if kept is None:
        return ()
    found = kept.checkpoint
    root = base64.b64encode(found.root).decode()
    return (
        ("Register", f"{found.size:,} entries", found.origin),
        ("Root", root, f"of the first {found.size:,} entries of {found.origin}"),
    )
