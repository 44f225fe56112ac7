"""Serve the dashboards of one study."""

import os
import re
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.errors import require
from workbench.resources import STUDY_VARIABLE, bundled, example_study
from workbench.serving.ports import held_sockets, is_loopback

if TYPE_CHECKING:
    from types import ModuleType

    from workbench.serving.gate import Gate
    from workbench.serving.server import Dashboards

DEFAULT_PORT = 8866
SHARE = Path(__file__).parent / "template"  # laid out as Jupyter's data folders are
SHORTEST_TOKEN = 16
PREFIX = re.compile(r"/(?:[\w~@%-][\w.~@%-]*/)*", re.ASCII)  # no part begins with a dot
POOL, LARGEST_POOL = 1, 8  # pages of each notebook that wait for a viewer


def serve_dashboards(
    study: Path | None,
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    token: str | None = None,
    token_from: str = "",
    open_browser: bool = False,
    folder: Path | None = None,
    pool: int = POOL,
    most: int | None = None,
    cull_after: int | None = None,
    base_url: str = "/",
) -> int:
    """Serve the notebooks in `folder` (the shipped dashboards) until Ctrl-C; return 0.

    `study` is the study they show, the shipped example unless told. The default port gives way to
    the next free one; another one does not, and 0 takes any. Without a token the server listens on
    loopback only: at any other `host` one is needed for every address, and made if none is given.
    The address is printed with the token, unless `token_from` says where viewers find it: in which
    variable of the environment.
    For each notebook `pool` pages wait for viewers, computed ahead; 0 computes none ahead. At most
    `most` kernels run (as many as fit into half of the memory unless told), and one whose page is
    gone without a word ends after `cull_after` seconds (600 unless told). All addresses begin with
    `base_url`, for a proxy that passes them on as they came.

    Raises
    ------
    WorkbenchError
        if the study is no file, the token too short, the prefix no path, or the port not to be had

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
    require(
        0 <= pool <= LARGEST_POOL,
        f"a pool has 0 to {LARGEST_POOL} pages",
        got=pool,
        fix="Choose fewer; each holds a kernel.",
    )
    require(
        PREFIX.fullmatch(base_url) is not None,
        "a prefix of addresses begins and ends with / and holds plain names",
        got=repr(base_url),
        fix="Write it like /user/ann/dashboard/.",
    )
    if token is None and not is_loopback(host):
        token, token_from = secrets.token_urlsafe(32), ""
    sockets, port = held_sockets(host, port, is_default=port == DEFAULT_PORT)
    _prepare_environment(study)
    from workbench.serving.forks import Forks, can_fork

    forks = Forks(study.resolve()) if can_fork() else None  # its imports go on beside ours

    where = address(host, port, token, base_url)
    server = _server(study.resolve(), folder, cull_after, base_url)
    server.gate, server.sockets = _gate(token, port, base_url), sockets
    server.pool_size, server.most, server.forks = pool, most, forks
    hint = f"the token is that of {token_from}; " if token_from else ""
    shown = address(host, port, None if token_from else token, base_url)
    told = f"Dashboards at {shown} ({hint}Ctrl-C ends)"
    server.when_ready = partial(_say, told, where if open_browser else None)
    server.start()
    return 0


def _prepare_environment(study: Path) -> None:
    """Tell the kernels their study, and Jupyter where our template is.

    Nothing of Jupyter is imported yet: the process that computes ahead starts first, beside it.
    """
    os.environ[STUDY_VARIABLE] = str(study.resolve())
    paths = [str(SHARE), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernel, not a user's


def address(host: str, port: int, token: str | None, base_url: str = "/") -> str:
    """Return the address to open: with the token, if there is one."""
    shown = socket.gethostname() if host in {"", "0.0.0.0", "::"} else host
    bracketed = f"[{shown}]" if ":" in shown else shown
    return f"http://{bracketed}:{port}{base_url}" + (f"?token={token}" if token else "")


def _say(told: str, opened: str | None) -> None:
    print(told, flush=True)
    if opened:
        threading.Thread(target=webbrowser.open, args=(opened,), daemon=True).start()


def _gate(token: str | None, port: int, base_url: str) -> "Gate":
    with without_grammars():
        from workbench.serving.gate import Gate

    return Gate(token, port, base_url)


def _server(study: Path, folder: Path, cull_after: int | None, base_url: str) -> "Dashboards":
    with without_grammars():
        from workbench.serving.server import Dashboards
        from workbench.serving.settings import CULL_AFTER, configuration

    config = configuration(folder, cull_after or CULL_AFTER, base_url)
    server: Dashboards = Dashboards.instance(config=config)
    server.study = study
    server.initialize(argv=[])
    return server


@contextmanager
def without_grammars() -> Iterator[None]:
    """Import without the grammars of international addresses, a second's work.

    jsonschema makes 38 of them where rfc3987-syntax is installed, as jupyter-events wants it. No
    schema of a server or a notebook asks for such an address.
    """
    modules, name = cast("dict[str, ModuleType | None]", sys.modules), "rfc3987_syntax"
    is_absent = name not in modules
    if is_absent:
        modules[name] = None  # for Python: not to be had
    try:
        yield
    finally:
        if is_absent:
            del modules[name]
