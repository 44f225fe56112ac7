"""The files of a hosted image: what is installed, and how the dashboards run there.

The live check behind a proxy is tests/browser/test_front.py.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).resolve().parents[2]
IMAGE = ROOT / "binder"
LOCKS = [ROOT / "requirements.lock", IMAGE / "proxy.lock"]
PIN = re.compile(r"^([a-z0-9-]+)==([0-9][^ ]*)( ; .+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(lock):
    """Return {project: version}; every line is a pin or a hash of one."""
    found = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if HASH.match(line):
            continue
        pin = PIN.match(line)
        assert pin, line
        found[pin[1]] = pin[2]
    return found


@pytest.fixture(scope="module")
def settings() -> Config:
    return PyFileConfigLoader("jupyter_server_config.py", path=str(IMAGE)).load_config()


@pytest.fixture(scope="module")
def entry(settings):
    (name,) = settings.ServerProxy.servers
    assert name == "risk-dashboard"
    return settings.ServerProxy.servers[name]


def commands():
    text = (IMAGE / "postBuild").read_text(encoding="utf-8").splitlines()
    return [line for line in text if line and not line.startswith("#")]


def test_the_script_is_sound_and_stops_at_the_first_fault():
    script = IMAGE / "postBuild"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert commands()[0] == "set -euo pipefail"


def test_everything_from_elsewhere_is_installed_by_hash():
    installs = [line for line in commands() if " pip install " in line]
    locked = [line for line in installs if "--require-hashes -r " in line]
    assert [line.rsplit(" ", 1)[1] for line in locked] == ["requirements.lock", "binder/proxy.lock"]
    (project,) = set(installs) - set(locked)
    assert project.endswith("--no-deps --no-build-isolation .")
    assert all("--no-deps" in line for line in installs)


def test_the_proxy_is_pinned_beside_the_lock_and_new_enough():
    own, everybody = pins(LOCKS[1]), pins(LOCKS[0])
    assert not set(own) & set(everybody)
    # CVE-2024-28179 is fixed since 4.1.1, CVE-2024-35225 since 4.2.0; 4.6 can leave polling
    # out of what counts as activity
    assert tuple(map(int, own["jupyter-server-proxy"].split("."))) >= (4, 6, 0)
    assert {"aiohttp", "simpervisor", "yarl"} <= set(own)


def test_repo2docker_finds_no_file_that_it_would_install_by_itself():
    known = {"requirements.txt", "environment.yml", "Pipfile", "setup.py", "Dockerfile"}
    assert not known & {path.name for path in IMAGE.iterdir()}
    assert re.fullmatch(r"python-3\.1[1-9]\n?", (IMAGE / "runtime.txt").read_text())


@pytest.mark.parametrize("path", sorted(p for p in IMAGE.iterdir() if p.is_file()))
def test_no_file_names_an_address(path):
    assert "://" not in path.read_text(encoding="utf-8")


def test_voila_is_no_extension_of_the_jupyter_server(settings):
    assert settings.ServerApp.jpserver_extensions == {"voila.server_extension": False}
    script = "\n".join(commands())
    assert "jupyter server extension disable --sys-prefix voila.server_extension" in script
    assert "jupyter labextension disable --level=sys_prefix @voila-dashboards" in script
    assert 'cp binder/jupyter_server_config.py "$config/jupyter_server_config.py"' in script


def test_the_dashboards_run_alone_on_loopback_below_the_prefix(entry):
    program, verb, *options = entry["command"]
    assert (Path(program).name, verb) == ("workbench", "dashboard")
    assert dict(zip(options[::2], options[1::2], strict=True)) == {
        "--host": "127.0.0.1",
        "--port": "{port}",
        "--base-url": "{base_url}risk-dashboard/",
    }
    assert entry["absolute_url"] is True


def test_only_the_proxy_knows_the_token_and_it_leaves_the_host_alone(entry, settings):
    token = entry["environment"]["WORKBENCH_TOKEN"]
    assert len(token) >= 32
    assert entry["request_headers_override"] == {"Authorization": f"token {token}"}
    assert token not in " ".join(entry["command"])  # a command line is seen by everybody
    again = PyFileConfigLoader("jupyter_server_config.py", path=str(IMAGE)).load_config()
    other = again.ServerProxy.servers["risk-dashboard"]["environment"]["WORKBENCH_TOKEN"]
    assert other != token
    assert settings.ServerProxy.host_allowlist == ["localhost", "127.0.0.1"]


def test_the_launcher_has_an_entry_with_a_picture(entry):
    shown = entry["launcher_entry"]
    assert shown["title"] == "Risk dashboard"
    assert shown["category"] == "Notebook"  # the launcher shows a picture there only
    assert Path(shown["icon_path"]).read_text(encoding="utf-8").lstrip().startswith("<svg")


def test_a_page_that_asks_for_news_does_not_keep_an_idle_image_alive(entry):
    (pattern,) = map(re.compile, entry["exclude_last_activity_patterns"])
    assert pattern.match("/user/ann/risk-dashboard/workbench/source")
    assert not pattern.match("/user/ann/risk-dashboard/voila/render/overview.ipynb")
