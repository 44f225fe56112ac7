"""Start JupyterLab on copies of the analyst notebooks."""

import os
import subprocess
import sys
from pathlib import Path

from workbench.errors import require
from workbench.files import save_copies
from workbench.resources import bundled
from workbench.serving.ports import held_sockets

DEFAULT_PORT = 8888
# Without it JupyterLab asks every new user, over a corner of the notebook, whether to fetch news.
SETTINGS = Path(__file__).parent / "jupyter"


def copy_notebooks(directory: Path) -> list[Path]:
    """Copy the analyst notebooks that `directory` lacks, and return the new files.

    A notebook that is there already is the user's and stays as it is.
    """
    return save_copies(bundled("notebooks") / "analyst", directory, there="keep")


def serve_lab(
    directory: Path,
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    open_browser: bool = True,
) -> int:
    """Run JupyterLab in `directory` until it ends, and return its exit code.

    JupyterLab makes its own token and prints its address. It gives its user a shell: keep it on
    loopback unless you know who can reach `host`.

    Raises
    ------
    WorkbenchError
        if `directory` is a file, or the port is not to be had

    """
    require(
        not directory.is_file(),
        "notebooks are put into a folder",
        got=str(directory),
        fix="Name a folder, or one to be made.",
    )
    copy_notebooks(directory)
    sockets, port = held_sockets(host, port, is_default=port == DEFAULT_PORT)
    for held in sockets:
        held.close()  # found free; JupyterLab binds it itself a moment later
    command = [
        *(sys.executable, "-P", "-m", "jupyterlab", f"--ServerApp.root_dir={directory.resolve()}"),
        *(f"--ServerApp.ip={host}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *([] if open_browser else ["--no-browser"]),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    paths = [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths)),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    process = subprocess.Popen(command, env=environment)
    return _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end; on Ctrl-C, which JupyterLab would answer with a question, end it."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        try:
            process.wait(timeout=1.8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return 0
