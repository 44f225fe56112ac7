"""The corpus of bad files beside a checkout: every file is refused or read as it asks."""

import json
import re
import subprocess
import sys

import pytest

from workbench.files import FileRefused, read_study

LIVE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def mentions(text, need):
    """Whether one of the alternatives stands in the text; a number must not go on."""
    for alternative in (one.strip().lower() for one in need.split("|")):
        end = r"(?!\d)" if alternative[-1:].isdigit() else ""
        if alternative and re.search(re.escape(alternative) + end, text):
            return True
    return False


def judged(entry, outcome, text):
    """What is wrong with an outcome, by the rules of the corpus' own runner."""
    allowed = {entry["expected"], *entry.get("also_ok", [])}
    faults = []
    if outcome not in allowed | ({"warn"} if "accept" in allowed else set()):
        faults.append(f"expected {sorted(allowed)}, got {outcome}: {text[:200]}")
    elif outcome in allowed and outcome != "accept":
        missing = [need for need in entry["must_mention"] if not mentions(text.lower(), need)]
        faults += [f"does not mention {need!r}: {text[:200]}" for need in missing]
    if LIVE.search(text):
        faults.append("echoes a live control character")
    return [f"{entry['file']}: {fault}" for fault in faults]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".yaml", ".json", ".html"])
def test_every_file_of_a_kind_is_judged_as_the_corpus_asks(shared, suffix):
    folder = shared / "bad-inputs" / "files"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    entries = [entry for entry in manifest if entry["file"].endswith(suffix)]
    assert entries
    faults = []
    for entry in entries:
        try:
            text = "\n".join(read_study(folder / entry["file"]).warnings)
            outcome = "warn" if text else "accept"
        except FileRefused as error:
            text, outcome = str(error), "reject"
        faults += judged(entry, outcome, text)
    assert not faults, "\n".join(faults)


def test_the_command_passes_the_corpus_runner_on_a_sample(shared):
    runner = shared / "bad-inputs" / "run.py"
    command = f"{sys.executable} -c 'from workbench.cli import main; main()' validate {{file}}"
    done = subprocess.run(
        [
            sys.executable,
            runner,
            shared / "bad-inputs" / "files",
            "--only",
            "yaml_[de]*.yaml",
            "--cmd",
            command,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["files"] > 3
