"""The commands about the log: read it, hold it against checkpoints, hand proofs out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.output import AsJson, Force, save_texts, write_out
from workbench.cli.register_opening import Key, Place, check_kind, opened, read, text_of, verifier
from workbench.cli.running import guarded, say

if TYPE_CHECKING:
    from workbench.audit.checkpoints import VerifierKey
    from workbench.audit.proofs import Growth, Inclusion
    from workbench.register import Register

audit = typer.Typer(
    name="audit",
    help="The log of a register: every act, its checkpoints and its proofs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
BAD = 1  # the exit code of a log that does not fit, and of a proof that does not hold
Output = Annotated[
    str | None, typer.Option("--output", metavar="FILE", help="Write it to a new FILE.")
]


@audit.command()
@guarded
def log(
    *,
    start: Annotated[
        int | None, typer.Option(min=0, help="From this entry on; the latest ones unless told.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 50,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Show entries of the log, in order."""
    from workbench.cli.register_words import entries_text, entry_record
    from workbench.register.log import next_seq

    with read(place) as there:
        size = there.ask(next_seq)
        first = max(0, size - limit) if start is None else start
        found, names = there.log(first, first + limit), there.names()
    record = {"count": size, "entries": [entry_record(entry, names) for entry in found]}
    words = f"{entries_text(found, names)}\n{len(found)} of {size} entries"
    write_out(record, words, as_json)


@audit.command()
@guarded
def key(*, place: Place = None, as_json: AsJson = False) -> None:
    """Print the public key of the log: keep it elsewhere, with the checkpoints."""
    with read(place) as there:
        found = str(there.verifier())
    write_out({"verifier": found}, found, as_json)


@audit.command()
@guarded
def verify(
    *,
    checkpoint: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Checkpoints that were kept elsewhere; may be repeated."),
    ] = None,
    key: Key = None,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Hold every version against its entry, and the log against checkpoints.

    Exit code 1 where anything is wrong: the first bad entry and the last good checkpoint are named.
    """
    from workbench.audit.proofs import split_notes
    from workbench.cli.register_words import verdict_record, verdict_text

    outside = [note for file in checkpoint or () for note in split_notes(text_of(file))]
    told = verifier(key)
    with read(place) as there:
        found = there.verify(outside, told)
    count = len(outside)
    write_out(verdict_record(found, count), verdict_text(found, count), as_json)
    if not found.is_good:
        raise typer.Exit(BAD)


@audit.command()
@guarded
def checkpoint(
    *,
    output: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Add it to FILE, which never goes back."),
    ] = None,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Sign the log as it is now, and print the note: keep it where nobody rewrites it.

    FILE may hold older ones of the same log. A log that does not begin with each of them is not
    added, and the fault is told.
    """
    from workbench.audit.checkpoints import parse_note

    with opened(place) as there:
        note = there.checkpoint()
        if note is None:
            note = _kept(there)
        key = there.verifier()
        added = output is not None and _added(there, Path(output), note, key)
    found = parse_note(note).checkpoint
    record: dict[str, Any] = {"note": note, "verifier": str(key), "added": added}
    record |= {"origin": found.origin, "size": found.size, "root": found.root.hex()}
    write_out(record, note, as_json)
    if output is not None:
        say(f"{'added to' if added else 'is in'} {output}")


def _kept(register: "Register") -> str:
    """Return the latest checkpoint where the key is held by somebody else, and say so."""
    from workbench.errors import require

    note = register.latest_checkpoint()
    rule = "checkpoints are signed by who holds the key of the log"
    require(note is not None, rule, got="no key here", fix="Ask who made the register.")
    say("the key of this log is not held here: this is the latest checkpoint that was signed")
    return str(note)


def _added(register: "Register", file: Path, note: str, key: "VerifierKey") -> bool:
    """Add a checkpoint to a file of a witness; False where the file has it already."""
    from workbench.files.saving import save
    from workbench.register.witnessing import kept_with

    before = text_of(str(file)) if file.exists() and file.stat().st_size else ""
    after = register.ask(kept_with, before, note, key)
    if after != before:
        save(file, after)
    return bool(after != before)


@audit.command()
@guarded
def prove(
    seq: Annotated[
        int | None, typer.Argument(metavar="[ENTRY]", min=0, help="The number of an entry.")
    ] = None,
    *,
    row: Annotated[
        tuple[str, str, int] | None,
        typer.Option(
            metavar="KIND ID VERSION", help="Prove a version, and the entry that made it."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Prove that the log begins as this checkpoint says."),
    ] = None,
    hash_only: Annotated[
        bool, typer.Option("--hash-only", help="Prove a version without telling what it says.")
    ] = False,
    output: Output = None,
    force: Force = False,
    place: Place = None,
    as_json: AsJson = False,
) -> None:
    """Write a proof that is checked elsewhere, by `audit check-proof` and the key alone."""
    from workbench.errors import require

    asked = [one for one in (seq, row, since) if one is not None]
    rule = "one thing is proved: an entry, a version with --row, or growth with --since"
    require(len(asked) == 1, rule, got=len(asked), fix="Name one.")
    with opened(place) as there:
        proof = _proof(there, seq, row, since, tells_body=not hash_only)
    if output is not None:
        save_texts([(output, str(proof))], force=force)
    write_out({"proof": str(proof)}, "" if output else str(proof), as_json)


def _proof(
    register: "Register",
    seq: int | None,
    row: tuple[str, str, int] | None,
    since: str | None,
    *,
    tells_body: bool,
) -> "Inclusion | Growth":
    from functools import partial

    from workbench.audit.checkpoints import parse_note
    from workbench.audit.proofs import split_notes
    from workbench.errors import require
    from workbench.register.proving import (
        covering,
        made_by,
        prove_entry,
        prove_growth,
        prove_version,
    )

    if since is not None:
        notes = [parse_note(note) for note in split_notes(text_of(since))]
        require(bool(notes), "a checkpoint is in the file", got=since, fix="Name another file.")
        last = max(notes, key=lambda note: note.checkpoint.size)
        return register.ask(prove_growth, last, register.checkpoint() or _kept(register))
    if row is not None:
        check_kind(row[0])
        seq = register.ask(made_by, *row)
    assert seq is not None
    note = register.ask(covering, seq) or register.checkpoint()
    rule = "an entry is proved by a checkpoint that was signed after it"
    require(note is not None, rule, got="none", fix="Ask who holds the key of the log for one.")
    if row is None:
        return register.ask(prove_entry, seq, note)
    return register.ask(partial(prove_version, body=tells_body), *row, note)


@audit.command("check-proof")
@guarded
def check_proof(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A proof that `prove` wrote.")],
    *,
    key: Annotated[
        str,
        typer.Option(
            metavar="VERIFIER", help="The public key of the log: as text, or a file that holds it."
        ),
    ],
    checkpoint: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The older checkpoint, for a proof of growth."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof with the key of the log, without the register; exit code 1 if it fails."""
    from workbench.audit.proofs import Inclusion, ProofFails, parse_proof
    from workbench.errors import require

    proof, told = parse_proof(text_of(file)), verifier(key)
    assert told is not None
    try:
        if isinstance(proof, Inclusion):
            record, words = _included(proof, told)
        else:
            rule = "a proof of growth is held against the older checkpoint"
            require(checkpoint is not None, rule, got="none", fix="Name it with --checkpoint.")
            record, words = _grew(proof, str(checkpoint), told)
    except ProofFails as error:
        write_out({"holds": False, "fault": str(error)}, str(error), as_json)
        raise typer.Exit(BAD) from None
    write_out({"holds": True} | record, words, as_json)


def _included(proof: "Inclusion", key: "VerifierKey") -> tuple[dict[str, Any], str]:
    from dataclasses import asdict

    from workbench.audit.proofs import check_inclusion

    found, entry = check_inclusion(proof, key)
    row, tells = proof.proved.row, proof.proved.tells_body
    record: dict[str, Any] = {"entry": entry.to_dict(), "size": found.size}
    record |= {"row": None if row is None else asdict(row), "body": proof.proved.body}
    lines = [
        f"the proof holds: entry {entry.seq} is one of the {found.size} of {found.origin}",
        f"{entry.act} by {entry.by} at {entry.time}"
        + (f": {entry.reason}" if entry.reason else ""),
    ]
    if row is not None:
        lines.append(f"it made {row.kind} {row.id} version {row.version}, SHA-256 {row.sha256}")
        if tells:
            lines.append("nothing: the item is gone" if proof.proved.body is None else _body(proof))
    return record, "\n".join(lines)


def _body(proof: "Inclusion") -> str:
    import json

    return json.dumps(json.loads(str(proof.proved.body)), indent=2, ensure_ascii=False)


def _grew(proof: "Growth", file: str, key: "VerifierKey") -> tuple[dict[str, Any], str]:
    from workbench.audit.checkpoints import parse_note
    from workbench.audit.proofs import ProofFails, check_growth, split_notes
    from workbench.audit.signing import is_signed

    held = [parse_note(note) for note in split_notes(text_of(file))]
    fitting = [one for one in held if one.checkpoint.size == proof.old]
    if not fitting or not is_signed(fitting[0], key):
        raise ProofFails(
            f"the proof does not hold: {file} has no checkpoint of {proof.old} entries by this key"
        )
    old, later = fitting[0].checkpoint, check_growth(proof, fitting[0].checkpoint, key)
    words = f"the proof holds: the log of {later.size} entries begins with your {old.size}"
    return {"old": old.size, "size": later.size, "root": later.root.hex()}, words
