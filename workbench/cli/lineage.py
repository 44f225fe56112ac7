"""The command about where data and models come from."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.output import AsJson, Force, refuse_to_replace, save_texts, write_out
from workbench.cli.register_opening import By, Place, Reason, opened, read
from workbench.cli.running import guarded

if TYPE_CHECKING:
    from workbench.audit.entries import Entry
    from workbench.audit.lineage import Lineage, Subject

EVENTS = (".json", ".jsonl", ".ndjson")
MOST = 50  # subjects that a text lists


@guarded
def lineage(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="OpenLineage events (.json, .jsonl, .ndjson), or any file of a kept subject.",
        ),
    ],
    *,
    by_hash: Annotated[
        bool, typer.Option("--by-hash", help="Look FILE up by its SHA-256, whatever it is.")
    ] = False,
    bom: Annotated[
        str | None, typer.Option(metavar="OUT", help="Write a CycloneDX ML-BOM of it.")
    ] = None,
    reason: Reason = "",
    force: Force = False,
    place: Place = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Show where data and models come from, and which runs rest on them.

    Events are read, and kept in a register if one is named. Another file is looked up in the
    register by its hash: what it was made from, what was made from it, and the runs that used it.
    """
    looked_up = by_hash or not file.lower().endswith(EVENTS)
    found, key = _kept(file, place) if looked_up else (_told(file), None)
    shown = [found.subject(key)] if key is not None else list(found.subjects)
    record, words = _record(found, shown), _text(found, shown)
    if bom is not None:
        refuse_to_replace([bom], force=force, inputs=[file])
    if place is not None and not looked_up:
        from workbench.cli.register_words import entry_text

        entry = _keep(found, file, (place, by), reason)
        record["entry"] = None if entry is None else entry.to_dict()
        words += f"\n{entry_text(entry, 'kept in the register')}"
    if bom is not None:
        from workbench.files.exchange.ml_bom_writing import ml_bom_json

        save_texts([(bom, ml_bom_json(found, key))], force=force, inputs=[file])
    write_out(record, words, as_json)


def _told(file: str) -> "Lineage":
    from workbench.files.exchange.openlineage import read_openlineage

    return read_openlineage(file)


def _keep(
    found: "Lineage", file: str, where: tuple[str, str | None], reason: str
) -> "Entry | None":
    from pathlib import Path

    from workbench.files.hashing import sha256_of
    from workbench.files.messages import printable

    source = {"file": printable(Path(file).name), "sha256": sha256_of(file)}
    with opened(*where) as there:
        return there.save_lineage(found, reason=reason, source=source)


def _kept(file: str, place: str | None) -> "tuple[Lineage, str]":
    from workbench.errors import WorkbenchError
    from workbench.register.studies import lineage_of

    if place is None:
        raise WorkbenchError(
            f"a file is looked up in a register; got {file!r} without one. Name it with "
            "--register, or give OpenLineage events."
        )
    with read(place) as there:
        found = there.ask(lineage_of)
    return found, subject_of(found, file).key


def subject_of(found: "Lineage", file: str) -> "Subject":
    """Return the subject whose bytes a file has.

    Raises
    ------
    WorkbenchError
        where none has, and for a file that cannot be read.

    """
    from workbench.errors import WorkbenchError
    from workbench.files.hashing import sha256_of

    sha256 = sha256_of(file)
    same = found.with_hash(sha256)
    if not same:
        raise WorkbenchError(
            f"a file is a subject of the register by its SHA-256; got {sha256}, which none has. "
            "Keep the events that tell of it first."
        )
    return same[0]


def _record(found: "Lineage", shown: "list[Subject]") -> dict[str, Any]:
    return {
        "subjects": [
            {
                "name": one.name,
                "type": one.type,
                "version": one.version or None,
                "sha256": one.sha256 or None,
                "parents": list(one.parents),
                "runs": list(one.runs),
                "made_from": list(found.before(one.key)),
                "made_into": list(found.after(one.key)),
                "runs_that_rest_on_it": list(found.runs_on(one.key)),
            }
            for one in shown
        ],
        "unknown": list(found.unknown),
    }


def _text(found: "Lineage", shown: "list[Subject]") -> str:
    lines = []
    for one in shown[:MOST]:
        told = f"sha256 {one.sha256}" if one.sha256 else "no hash is told"
        lines.append(f"{one.type} {one.key} ({told})")
        for word, keys in (
            ("made from", found.before(one.key)),
            ("made into", found.after(one.key)),
            ("runs that rest on it", found.runs_on(one.key)),
        ):
            if keys:
                lines.append(f"  {word}: {', '.join(keys)}")
    if len(shown) > MOST:
        lines.append(f"and {len(shown) - MOST} more; --json has all")
    if found.unknown:
        lines.append(f"named as an origin, and told by nobody: {', '.join(found.unknown[:MOST])}")
    return "\n".join(lines) or "no data and no models are told"
