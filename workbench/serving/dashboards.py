"""Serve the dashboards of one study."""

import os
import secrets
import socket
import threading
import webbrowser
from pathlib import Path

from workbench.errors import require
from workbench.resources import STUDY_VARIABLE, bundled, example_study
from workbench.serving.ports import held_sockets, is_loopback

DEFAULT_PORT = 8866
SHORTEST_TOKEN = 16


def serve_dashboards(
    study: Path | None,
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    token: str | None = None,
    open_browser: bool = False,
    folder: Path | None = None,
) -> int:
    """Serve the notebooks in `folder` (the shipped dashboards) until Ctrl-C; return 0.

    `study` is the study they show, the shipped example unless told. The default port gives way to
    the next free one; another one does not, and 0 takes any. Without a token the server listens on
    loopback only: at any other `host` one is needed for every address, and made if none is given.

    Raises
    ------
    WorkbenchError
        if the study is no file, the token too short, or the port not to be had

    """
    study = study or example_study()
    folder = folder or bundled("notebooks") / "dashboards"
    require(study.is_file(), "a study is a file", got=str(study), fix="Check the path.")
    require(
        any(folder.glob("*.ipynb")),
        "dashboards are notebooks in a folder",
        got=str(folder),
        fix="Install risk-workbench again, or use a full checkout.",
    )
    require(
        token is None or len(token) >= SHORTEST_TOKEN,
        f"a token has at least {SHORTEST_TOKEN} characters",
        got=f"{len(token or '')} characters",
        fix="Leave it out, and one is made.",
    )
    if token is None and not is_loopback(host):
        token = secrets.token_urlsafe(32)
    sockets, port = held_sockets(host, port, is_default=port == DEFAULT_PORT)
    _prepare_environment(study)
    _run(folder, host, port, token, sockets, open_browser=open_browser)
    return 0


def _prepare_environment(study: Path) -> None:
    """Tell the kernels their study, and Jupyter where our template is."""
    from workbench.serving.settings import SHARE

    os.environ[STUDY_VARIABLE] = str(study.resolve())
    paths = [str(SHARE), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernel, not a user's


def address(host: str, port: int, token: str | None) -> str:
    """Return the address to open: with the token, if there is one."""
    shown = socket.gethostname() if host in {"", "0.0.0.0", "::"} else host
    bracketed = f"[{shown}]" if ":" in shown else shown
    return f"http://{bracketed}:{port}/" + (f"?token={token}" if token else "")


def _run(
    folder: Path,
    host: str,
    port: int,
    token: str | None,
    sockets: list[socket.socket],
    *,
    open_browser: bool,
) -> None:
    from workbench.serving.gate import Gate
    from workbench.serving.server import Dashboards
    from workbench.serving.settings import configuration

    where = address(host, port, token)

    def ready() -> None:
        print(f"Dashboards at {where} (Ctrl-C ends)", flush=True)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(where,), daemon=True).start()

    server = Dashboards.instance(config=configuration(folder))
    server.gate, server.sockets, server.when_ready = Gate(token, port), sockets, ready
    server.initialize(argv=[])
    server.start()
