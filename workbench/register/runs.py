"""A run in the register: what a study came to, and the data and models that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection

from workbench.audit.entries import Entry, Row
from workbench.errors import looked_up
from workbench.models.study import Study
from workbench.register.committing import commit, done_before
from workbench.register.history import current_of, retired_in
from workbench.register.kinds import KINDS, body_of, run_title
from workbench.register.log import Act
from workbench.register.naming import IN_A_STUDY, RUN, SCENARIO, SUBJECT
from workbench.register.records import Change
from workbench.register.studies import lineage_of

TOLD = ("inputs_sha256", "engine", "seed", "years", "version")  # of a run, in its entry


def keep_run(
    connection: Connection,
    act: Act,
    told: Mapping[str, Any],
    *,
    name: str,
    study: Study,
    uses: Sequence[str],
    moment: datetime,
) -> Entry:
    """Keep a run of a study under a name of its own, and at each subject that it has used it.

    Raises
    ------
    WorkbenchError
        for a subject that is not in the register.

    """
    prefix = name + IN_A_STUDY

    def are_asked(rows: Sequence[Row]) -> bool:
        return all(r.kind == SUBJECT or (r.kind == RUN and r.id.startswith(prefix)) for r in rows)

    known = done_before(connection, act, are_asked)
    if known is not None:
        return known
    there = {one for _, one in current_of(connection, [RUN], prefix)}
    stem = f"{prefix}{told['saved']}"
    free = (f"{stem}-{number:02}" if number > 1 else stem for number in count(1))
    place = next(one for one in free if one not in there)
    changes = [Change(RUN, place, body_of(told), run_title(told), base=0)]
    changes += _at_subjects(connection, uses, place)
    own = {one.id for one in study.scenarios}
    retired = [one for one in retired_in(connection, SCENARIO, prefix) if one in own]
    more = {"retired_and_counted": retired, "used": sorted(set(uses))}
    details = {"study": name} | {key: told[key] for key in TOLD}
    details |= {key: value for key, value in more.items() if value}
    entry = commit(connection, replace(act, details=details), changes, moment)
    assert entry is not None  # a new id is always kept
    return entry


def _at_subjects(connection: Connection, uses: Sequence[str], run: str) -> list[Change]:
    """Return the subjects that a run has used, each with the run among those that used it."""
    if not uses:
        return []
    known, kind = lineage_of(connection).by_key, KINDS[SUBJECT]
    rule = "a run rests on data and models that the register keeps"
    found = [looked_up(known, key, rule) for key in sorted(set(uses))]
    return [
        Change(SUBJECT, one.key, body_of(kind.dump(replace(one, runs=(*one.runs, run)))), one.type)
        for one in found
    ]
