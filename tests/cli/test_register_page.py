"""The commands of docs/register.md, run as they stand there."""

import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "register.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Return the lines of every fenced block of commands, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return "".join(blocks).splitlines()


def test_every_command_of_the_page_does_what_it_says(tmp_path, monkeypatch, run) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_REGISTER_KEYS", str(tmp_path / "keys"))
    said = ""
    for line in commands():
        words = shlex.split(line)
        if words[0] == "export":
            for word in words[1:]:
                monkeypatch.setenv(*word.split("="))
        elif words[0] == "workbench":
            line_of, _, out = line.partition(" > ")
            done = run(*shlex.split(line_of)[1:])
            assert done.exit_code == 0, line + done.output
            said += done.stdout
            if out:
                Path(out).write_text(done.stdout)
        else:
            subprocess.run(["bash", "-c", line], check=True)
    assert "study.currency: EUR -> CHF" in said
    assert 'currency: "EUR"' in Path("before.yaml").read_text()
    assert said.count("good: every version") == 2
    assert "it made scenario ai-lender/S-01 version 1" in said
    assert "undo of import 3" in said
    assert "approve scenario ai-lender/S-01 version 1" in said
