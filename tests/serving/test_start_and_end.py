"""Starting and ending: ports, tokens, addresses, Ctrl-C, JupyterLab's copies."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

from workbench.errors import WorkbenchError
from workbench.serving import lab, serve_dashboards, serve_lab
from workbench.serving.dashboards import address
from workbench.serving.ports import held_sockets, is_loopback
from workbench.serving.settings import pages


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        yield busy.getsockname()[1]


def free(sockets):
    for held in sockets:
        held.close()


def test_a_taken_port_that_was_asked_for_is_an_error_with_a_remedy(taken):
    with pytest.raises(WorkbenchError, match=rf"port {taken} is taken at 127.0.0.1.*--port"):
        held_sockets("127.0.0.1", taken, is_default=False)


def test_a_taken_default_port_gives_way_to_the_next(taken):
    sockets, port = held_sockets("127.0.0.1", taken, is_default=True)
    free(sockets)
    assert taken < port < taken + 50


def test_port_nought_takes_any():
    sockets, port = held_sockets("127.0.0.1", 0, is_default=False)
    free(sockets)
    assert port > 0


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(WorkbenchError, match="an address of this machine"):
        held_sockets(host, 0, is_default=False)


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        *((h, True) for h in ("localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]")),
        *((h, False) for h in ("0.0.0.0", "", "::", "10.0.0.1", "localhost.evil", "127.0.0.1.x")),
    ],
)
def test_loopback_is_this_machine_alone(host, is_ours):
    assert is_loopback(host) is is_ours


def test_the_printed_address_can_be_opened():
    assert address("127.0.0.1", 8866, None) == "http://127.0.0.1:8866/"
    assert address("::1", 1, "abc") == "http://[::1]:1/?token=abc"
    assert socket.gethostname() in address("0.0.0.0", 1, "abc")


def test_a_token_of_the_environment_is_needed_and_not_printed(tmp_path, study):
    secret = "a-token-of-the-environment"
    program = "from workbench.cli import main; main()"
    (tmp_path / "s.yaml").write_text(study)
    command = [sys.executable, "-c", program, "dashboard", "s.yaml", "--port", "0", "--pool", "0"]
    environment = {**os.environ, "WORKBENCH_TOKEN": secret}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    ) as process:
        try:
            line = process.stdout.readline()
            where = re.search(r"http://\S+/", line)[0]
            assert secret not in line
            assert "WORKBENCH_TOKEN" in line
            assert status(urllib.request.Request(f"{where}workbench/source")) == 403
            known = {"Authorization": f"token {secret}"}
            assert status(urllib.request.Request(f"{where}workbench/source", headers=known)) == 200
        finally:
            process.terminate()


def status(request):
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


def test_a_study_that_is_no_file_and_a_short_token_are_refused(tmp_path):
    with pytest.raises(WorkbenchError, match="a study is a file"):
        serve_dashboards(tmp_path / "no.yaml")
    (tmp_path / "study.yaml").write_text("scenarios: []\n")
    with pytest.raises(WorkbenchError, match="at least 16 characters"):
        serve_dashboards(tmp_path / "study.yaml", token="short", folder=folder_of(tmp_path))
    with pytest.raises(WorkbenchError, match="dashboards are notebooks"):
        serve_dashboards(tmp_path / "study.yaml", folder=tmp_path / "empty")


def folder_of(tmp_path):
    (tmp_path / "pages").mkdir()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "pages" / "a.ipynb")
    return tmp_path / "pages"


def test_pages_are_listed_with_their_titles_and_the_overview_first(tmp_path):
    for name, title in (("another-page", None), ("overview", "Overview")):
        page = nbformat.v4.new_notebook(metadata={"title": title} if title else {})
        nbformat.write(page, tmp_path / f"{name}.ipynb")
    assert [(p["file"], p["title"]) for p in pages(tmp_path)] == [
        ("overview.ipynb", "Overview"),
        ("another-page.ipynb", "Another page"),
    ]


def test_ctrl_c_ends_within_two_seconds_and_takes_the_kernels_along(small_page, tmp_path, launch):
    running = launch(small_page, tmp_path / "log", pool=0)
    with urllib.request.urlopen(running.url) as answer:
        kernel = re.search(r'"kernelId": "([\w-]+)"', answer.read().decode())[1]
    (file,) = Path(tempfile.gettempdir()).glob(f"workbench_*/kernel-{kernel}.json")
    assert running.end() < two_seconds()
    assert running.process.returncode == 0
    assert not file.exists()
    assert not file.parent.exists()
    assert running.process.stdout.read() == "", "the address is the one line that is printed"
    assert running.logged() == ""


def two_seconds():
    """Two seconds of a machine that is not overloaded by other work."""
    return 2 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_no_file_on_this_machine_reconfigures_the_server_and_sigterm_ends_it(
    small_page, tmp_path, launch
):
    config = {"VoilaConfiguration": {"strip_sources": False, "allow_template_override": "YES"}}
    (small_page / "voila.json").write_text(json.dumps(config))
    try:
        running = launch(small_page, tmp_path / "log")
        text = running.get("/voila/render/small.ipynb?template=lab")[1]
    finally:
        (small_page / "voila.json").unlink()
    assert "Skip to the content" in text
    assert "a source line" not in text
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=two_seconds()) == 0


def test_a_server_builds_no_grammars_and_computes_nothing_before_a_page_is_asked_for():
    program = """
import sys
from workbench.serving.dashboards import without_grammars
with without_grammars():
    import jsonschema
    import workbench.serving.server
assert "lark" not in sys.modules
assert "scipy" not in sys.modules
assert "rfc3987_syntax" not in sys.modules
import rfc3987_syntax
with without_grammars():
    assert sys.modules["rfc3987_syntax"] is rfc3987_syntax
assert sys.modules["rfc3987_syntax"] is rfc3987_syntax
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.fixture
def analyst(tmp_path, monkeypatch):
    shipped = tmp_path / "shipped" / "analyst"
    shipped.mkdir(parents=True)
    for name in ("01-a.ipynb", "02-b.ipynb"):
        (shipped / name).write_text(f"shipped {name}")
    monkeypatch.setattr(lab, "bundled", lambda _folder: shipped.parent)
    return tmp_path / "mine"


def test_lab_copies_notebooks_and_never_writes_over_an_edit(analyst):
    assert [p.name for p in lab.copy_notebooks(analyst)] == ["01-a.ipynb", "02-b.ipynb"]
    (analyst / "01-a.ipynb").write_text("my edit")
    (analyst / "02-b.ipynb").unlink()
    assert [p.name for p in lab.copy_notebooks(analyst)] == ["02-b.ipynb"]
    assert (analyst / "01-a.ipynb").read_text() == "my edit"


def test_lab_refuses_a_file_and_a_taken_port(analyst, taken):
    analyst.write_text("a file")
    with pytest.raises(WorkbenchError, match="a folder"):
        serve_lab(analyst)
    analyst.unlink()
    with pytest.raises(WorkbenchError, match="is taken"):
        serve_lab(analyst, port=taken)


def test_lab_ends_with_ctrl_c():
    child = "import time; time.sleep(0.3); print('up', flush=True); time.sleep(60)"
    program = (
        "import subprocess, sys\nfrom workbench.serving.lab import _wait\n"
        f"sys.exit(_wait(subprocess.Popen([sys.executable, '-c', {child!r}])))"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "up\n"
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - start < 2
