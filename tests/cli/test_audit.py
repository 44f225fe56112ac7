"""`workbench audit` as its users see it: the log, checkpoints kept elsewhere, proofs."""

import base64
import hashlib
import json
import shutil
import sqlite3

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.cli.answers import parsed, refused
from workbench.audit.checkpoints import parse_note
from workbench.audit.proofs import split_notes


@pytest.fixture
def key(register, run):
    """Return the public key of the log, as its users keep it."""
    return run("audit", "key").stdout.strip()


@pytest.fixture
def elsewhere(register, run, tmp_path_factory):
    """Return a file of checkpoints that nobody in the folder of the register can reach."""
    file = tmp_path_factory.mktemp("elsewhere") / "checkpoints.txt"
    assert run("audit", "checkpoint", "--output", str(file)).exit_code == 0
    return file


def rename(register, run, old, new):
    """Import the table with another name in it."""
    text = (register / "t.csv").read_text()
    assert old in text
    (register / "t.csv").write_text(text.replace(old, new))
    done = run("register", "import", "t.csv", "--id", "lender", "--replace")
    assert done.exit_code == 0, done.stderr


def edit(statement):
    """Change the database as its owner can."""
    with sqlite3.connect("r.db") as connection:
        connection.execute(statement)
    connection.close()


def test_the_log_tells_who_did_what_and_why(register, run) -> None:
    words = run("audit", "log").stdout.splitlines()
    assert words[1].split()[0] == "0"
    assert words[2].endswith("import  mara  3         as agreed")
    assert words[3] == "2 of 2 entries"
    record = parsed(run("audit", "log", "--start", "1", "--limit", "1", "--json"))
    assert (record["count"], [one["seq"] for one in record["entries"]]) == (2, [1])
    assert parsed(run("audit", "log", "--limit", "1", "--json"))["entries"] == record["entries"]


def test_a_checkpoint_is_printed_as_a_signed_note(register, run, key) -> None:
    note = parse_note(run("audit", "checkpoint").stdout)
    assert note.checkpoint.size == 2
    record = parsed(run("audit", "checkpoint", "--json"))
    assert parse_note(record["note"]) == note
    assert (record["size"], record["origin"]) == (2, note.checkpoint.origin)
    assert key.startswith(note.checkpoint.origin + "+")


def test_a_file_of_checkpoints_grows_and_never_takes_one_twice(register, run, elsewhere) -> None:
    first = elsewhere.read_text()
    assert "is in" in run("audit", "checkpoint", "--output", str(elsewhere)).stderr
    assert elsewhere.read_text() == first
    rename(register, run, "Leak", "Spill")
    assert "added to" in run("audit", "checkpoint", "--output", str(elsewhere)).stderr
    sizes = [parse_note(one).checkpoint.size for one in split_notes(elsewhere.read_text())]
    assert sizes == [2, 3]
    assert elsewhere.read_text().startswith(first)
    done = run("audit", "verify", "--checkpoint", str(elsewhere))
    assert (done.exit_code, "2 of them from outside" in done.stdout) == (0, True)


def test_a_file_of_checkpoints_refuses_a_log_that_was_cut_or_rewritten(
    register, run, elsewhere, tmp_path
) -> None:
    shutil.copy("r.db", "early.db")
    rename(register, run, "Leak", "Spill")
    assert run("audit", "checkpoint", "--output", str(elsewhere)).exit_code == 0
    kept = elsewhere.read_text()
    args = ("audit", "checkpoint", "--output", str(elsewhere))
    refused(run(*args, "--register", "early.db"), "it was cut off")
    # its owner goes back and writes another third entry
    assert run("register", "erase", "mara", "--as", "tom", "--register", "early.db").exit_code == 0
    refused(run(*args, "--register", "early.db"), "does not begin with")
    done = run("audit", "verify", "--checkpoint", str(elsewhere), "--register", "early.db")
    assert done.exit_code == 1
    assert elsewhere.read_text() == kept
    assert run("register", "init", "--register", "other.db").exit_code == 0
    refused(run(*args, "--register", "other.db"), "another log or key")
    (tmp_path / "poem.txt").write_text("roses are red")
    refused(run("audit", "checkpoint", "--output", "poem.txt"), "a checkpoint is")
    assert (tmp_path / "poem.txt").read_text() == "roses are red"


def test_without_the_key_the_latest_checkpoint_is_given(register, run, monkeypatch) -> None:
    before = run("audit", "checkpoint").stdout
    rename(register, run, "Leak", "Spill")
    latest = run("audit", "checkpoint").stdout
    assert latest != before
    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(register / "no-keys"))
    rename(register, run, "Spill", "Drip")
    done = run("audit", "checkpoint")
    assert (done.exit_code, done.stdout) == (0, latest)
    assert "not held here" in done.stderr
    refused(run("audit", "prove", "3"), "signed after it")
    assert run("audit", "prove", "2").exit_code == 0


def test_a_good_log_says_what_that_means_without_checkpoints_from_outside(
    register, run, elsewhere
) -> None:
    alone = run("audit", "verify")
    assert alone.exit_code == 0
    assert "tamper-evident up to the last checkpoint that is kept elsewhere" in alone.stdout
    assert "whoever owns the database can rewrite" in alone.stdout
    held = run("audit", "verify", "--checkpoint", str(elsewhere))
    assert "tamper-evident" not in held.stdout
    assert "last good checkpoint: that of 2 entries" in held.stdout
    record = parsed(run("audit", "verify", "--checkpoint", str(elsewhere), "--json"))
    assert (record["is_good"], record["outside"], record["last_good"]) == (True, 1, 2)


def test_a_changed_version_is_found_and_its_entry_named(register, run, elsewhere) -> None:
    rename(register, run, "Leak", "Spill")
    edit("UPDATE versions SET body = replace(body, 'Spill', 'Pills') WHERE version = 2")
    done = run("audit", "verify", "--checkpoint", str(elsewhere))
    assert done.exit_code == 1
    assert "first bad entry: 2" in done.stdout
    assert "last good checkpoint: that of 2 entries" in done.stdout
    record = parsed(run("audit", "verify", "--json"), code=1)
    assert (record["first_bad"], record["is_good"]) == (2, False)


def test_a_log_that_was_rewritten_whole_is_found_by_a_checkpoint_from_outside_alone(
    register, run, elsewhere, key, monkeypatch
) -> None:
    # the owner makes another register, and signs it with a key of the same name
    name = parse_note(elsewhere.read_text()).checkpoint.origin.rpartition("/")[2]
    with monkeypatch.context() as patched:
        patched.setattr("workbench.register.migrating.secrets.token_hex", lambda _: name)
        patched.setenv("WORKBENCH_REGISTER_KEYS", str(register / "keys-2"))
        assert run("register", "init", "--register", "forged.db").exit_code == 0
    forged = ("audit", "verify", "--register", "forged.db")
    assert run(*forged).exit_code == 0  # in itself it is whole
    done = run(*forged, "--checkpoint", str(elsewhere), "--key", key)
    assert done.exit_code == 1
    assert "is not signed by" in run(*forged, "--checkpoint", str(elsewhere)).stdout


def test_an_entry_is_proved_by_the_key_alone(register, run, key) -> None:
    assert run("audit", "prove", "1", "--output", "p.tlog-proof").exit_code == 0
    (register / "r.db").rename(register / "gone.db")
    (register / "key.txt").write_text(key + "\n")
    for told in (key, "key.txt"):
        done = run("audit", "check-proof", "p.tlog-proof", "--key", told)
        assert (done.exit_code, "the proof holds: entry 1 is one of" in done.stdout) == (0, True)
    record = parsed(run("audit", "check-proof", "p.tlog-proof", "--key", key, "--json"))
    assert record["holds"] is True
    assert (record["entry"]["act"], record["row"]) == ("import", None)
    assert run("audit", "prove", "1", "--register", "gone.db").stdout.startswith("c2sp.org/tlog-p")


def test_a_version_is_proved_with_what_it_says_or_by_its_hash(register, run, key) -> None:
    args = ("audit", "prove", "--row", "scenario", "lender/S-1", "1")
    assert run(*args, "--output", "p.tlog-proof").exit_code == 0
    done = run("audit", "check-proof", "p.tlog-proof", "--key", key)
    assert "it made scenario lender/S-1 version 1" in done.stdout
    assert '"name": "Leak"' in done.stdout
    assert run(*args, "--hash-only", "--output", "h.tlog-proof").exit_code == 0
    record = parsed(run("audit", "check-proof", "h.tlog-proof", "--key", key, "--json"))
    assert (record["row"]["id"], record["body"]) == ("lender/S-1", None)
    refused(run(*args, "--output", "p.tlog-proof"), "Add --force")
    assert run(*args, "--output", "p.tlog-proof", "--force").exit_code == 0


def climbed(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root by the recursion of RFC 6962, section 2.1.1: the last hash is the highest."""
    if size == 1:
        return leaf
    k = 1
    while 2 * k < size:
        k *= 2
    *lower, last = path
    pair = (
        [climbed(leaf, index, k, lower), last]
        if index < k
        else [last, climbed(leaf, index - k, size - k, lower)]
    )
    return hashlib.sha256(b"\x01" + b"".join(pair)).digest()


def test_a_proof_is_checked_by_hand_with_nothing_of_ours(register, run, key) -> None:
    rename(register, run, "Leak", "Spill")
    for number in range(4):
        assert run("register", "export", "lender", f"{number}.yaml").exit_code == 0
    text = run("audit", "prove", "--row", "scenario", "lender/S-1", "2").stdout
    head, _, note = text.partition("\n\n")
    _, extra, index, *path = head.split("\n")
    told = json.loads(base64.b64decode(extra.removeprefix("extra ")))
    entry = json.loads(told["entry"])
    root = climbed(
        hashlib.sha256(b"\0" + told["entry"].encode()).digest(),
        int(index.removeprefix("index ")),
        int(note.split("\n")[1]),
        [base64.b64decode(step) for step in path],
    )
    assert base64.b64encode(root).decode() == note.split("\n")[2]
    signed, _, line = note.partition("\n\n")
    public = base64.b64decode(key.split("+", 2)[2])[1:]
    signature = base64.b64decode(line.strip().split(" ")[2])[4:]
    Ed25519PublicKey.from_public_bytes(public).verify(signature, f"{signed}\n".encode())
    row = told["row"]
    assert hashlib.sha256(told["body"].encode()).hexdigest() == row["sha256"]
    assert json.loads(told["body"])["name"] == "Spill"
    fields = [row[name] for name in ("kind", "id", "version", "state", "sha256")]
    leaf = hashlib.sha256(b"\0" + json.dumps(fields, separators=(",", ":")).encode()).digest()
    steps = [base64.b64decode(step) for step in told["path"]]
    assert climbed(leaf, told["place"], entry["rows"], steps).hex() == entry["root"]


def test_growth_is_proved_to_who_holds_an_older_checkpoint(register, run, key, elsewhere) -> None:
    rename(register, run, "Leak", "Spill")
    args = ("audit", "prove", "--since", str(elsewhere), "--output")
    assert run(*args, "grew.txt").exit_code == 0
    check = ("audit", "check-proof", "grew.txt", "--key", key)
    done = run(*check, "--checkpoint", str(elsewhere))
    assert (done.exit_code, "the log of 3 entries begins with your 2" in done.stdout) == (0, True)
    refused(run(*check), "--checkpoint")
    assert run("audit", "checkpoint", "--output", "new.txt").exit_code == 0
    done = run(*check, "--checkpoint", "new.txt")
    assert (done.exit_code, "no checkpoint of 2 entries" in done.stdout) == (1, True)


def test_a_proof_that_was_touched_or_is_of_another_log_does_not_hold(register, run, key) -> None:
    text = run("audit", "prove", "1").stdout
    (register / "p.txt").write_text(text.replace("index 1", "index 0"))
    done = run("audit", "check-proof", "p.txt", "--key", key, "--json")
    assert parsed(done, code=1)["holds"] is False
    (register / "p.txt").write_text(text)
    assert run("register", "init", "--register", "other.db").exit_code == 0
    other = parsed(run("audit", "checkpoint", "--register", "other.db", "--json"))["verifier"]
    done = run("audit", "check-proof", "p.txt", "--key", other)
    assert (done.exit_code, "another log" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["prove"], ["one thing is proved"]),
        (["prove", "1", "--row", "study", "lender", "1"], ["one thing is proved"]),
        (["prove", "7"], ["0 to 1"]),
        (["prove", str(10**25)], ["0 to 1"]),
        (["prove", "--row", "study", "\udcff", "1"], ["half of"]),
        (["log", "--start", str(10**25)], ["larger than"]),
        (["prove", "--row", "study", "lendr", "1"], ["lender"]),
        (["prove", "--row", "stduy", "lender", "1"], ["study"]),
        (["prove", "--row", "study", "lender", "9"], ["versions 1 to 1"]),
        (["prove", "--since", "none.txt"], ["no such file"]),
        (["prove", "--since", "t.csv"], ["a checkpoint is"]),
        (["verify", "--checkpoint", "none.txt"], ["no such file"]),
        (["verify", "--key", "nothing"], ["no such file"]),
        (["verify", "--key", "a+b+c"], ["NAME+HINT+KEY"]),
        (["check-proof", "none.txt", "--key", "a+b+c"], ["no such file"]),
        (["check-proof", "t.csv", "--key", "a+b+c"], ["a proof"]),
        (["check-proof", "r.db", "--key", "a+b+c"], ["SQLite"]),
        (["log", "--register", "none.db"], ["none.db"]),
        (["checkpoint", "--output", "none/c.txt"], ["cannot be written"]),
        (["checkpoint", "--output", "keys"], ["a folder"]),
    ],
)
def test_what_is_wrong_is_told_in_a_line(register, run, arguments, parts) -> None:
    refused(run("audit", *arguments), *parts)


def test_a_file_that_is_no_checkpoint_is_a_fault(register, run) -> None:
    done = run("audit", "verify", "--checkpoint", "t.csv")
    assert done.exit_code == 1
    assert "a checkpoint kept outside: a checkpoint is its origin" in done.stdout
