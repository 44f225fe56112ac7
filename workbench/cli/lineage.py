"""The command about where data and models come from."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.output import AsJson, Force, save_texts, write_out
from workbench.cli.running import guarded

if TYPE_CHECKING:
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
    register: Annotated[
        str | None,
        typer.Option(metavar="PLACE", envvar="WORKBENCH_REGISTER", help="A register, file or URL."),
    ] = None,
    account: Annotated[
        str, typer.Option("--as", metavar="NAME", envvar="WORKBENCH_ACCOUNT", help="Who acts.")
    ] = "",
    by_hash: Annotated[
        bool, typer.Option("--by-hash", help="Look FILE up by its SHA-256, whatever it is.")
    ] = False,
    bom: Annotated[
        str | None, typer.Option(metavar="OUT", help="Write a CycloneDX ML-BOM of it.")
    ] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the log.")] = "",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show where data and models come from, and which runs rest on them.

    Events are read, and kept in a register if one is named. Another file is looked up in the
    register by its hash: what it was made from, what was made from it, and the runs that used it.
    """
    if by_hash or not file.lower().endswith(EVENTS):
        found, key = _kept(file, register)
    else:
        found, key = _told(file, register, account, reason), None
    if bom is not None:
        from workbench.files.exchange.ml_bom_writing import ml_bom_json

        save_texts([(bom, ml_bom_json(found, key))], force=force, inputs=[file])
    shown = [found.subject(key)] if key is not None else list(found.subjects)
    write_out(_record(found, shown), _text(found, shown), as_json)


def _told(file: str, register: str | None, account: str, reason: str) -> "Lineage":
    from workbench.files.exchange.openlineage import read_openlineage

    found = read_openlineage(file)
    if register is not None:
        from pathlib import Path

        from workbench.files.hashing import sha256_of
        from workbench.files.messages import printable
        from workbench.register import Register

        source = {"file": printable(Path(file).name), "sha256": sha256_of(file)}
        with Register.open(register, by=account) as opened:
            opened.save_lineage(found, reason=reason, source=source)
    return found


def _kept(file: str, register: str | None) -> "tuple[Lineage, str]":
    from workbench.errors import WorkbenchError
    from workbench.files.hashing import sha256_of
    from workbench.register import Register

    if register is None:
        raise WorkbenchError(
            f"a file is looked up in a register; got {file!r} without one. Name it with "
            "--register, or give OpenLineage events."
        )
    sha256 = sha256_of(file)
    with Register.open(register, reads_only=True) as opened:
        found = opened.lineage()
    same = found.with_hash(sha256)
    if not same:
        raise WorkbenchError(
            f"a file is a subject of the register by its SHA-256; got {sha256}, which none has. "
            "Keep the events that tell of it first."
        )
    return found, same[0].key


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
