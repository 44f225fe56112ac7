"""Jupyter's configuration in a hosted image: the dashboards run in a server of their own.

Voila also comes as an extension of the Jupyter server. There it shares the server's kernels, and
a page's websocket may send any message, `execute_request` among them: whoever sees a page could
run code. So the extension is off, and `workbench dashboard` runs as a process of its own on
127.0.0.1, with its gate and its guard. jupyter-server-proxy starts it on first use and passes on
to it what carries the Jupyter server's own login.
"""

import secrets
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from traitlets.config import Config

NAME = "risk-dashboard"  # the address below the Jupyter server's own
START = 120.0  # s a cold machine may take until the server answers

# Made anew at each start and known to two processes: the proxy sends it, the dashboards ask for it.
# So another process on this machine that finds the port gets nothing.
TOKEN = secrets.token_urlsafe(32)


def icon() -> str:
    """Return the path of the workbench's mark; the package itself is not loaded for that."""
    package = find_spec("workbench")
    home = Path(package.origin).parent if package and package.origin else Path()
    found = home.glob("serving/template/voila/templates/workbench/static/icon.svg")
    return str(next(found, ""))


def dashboards() -> dict[str, Any]:
    """Return how jupyter-server-proxy starts and reaches the dashboards.

    `{port}` and `{base_url}` are filled in by the proxy. The dashboards get every address as the
    browser knows it (`absolute_url`), so that their links, cookies and redirects hold behind any
    prefix. The `Host` stays the browser's own, since the origin of a websocket is held against it.
    """
    prefix = "{base_url}" + NAME + "/"
    return {
        "command": [
            *(str(Path(sys.executable).with_name("workbench")), "dashboard"),
            *("--host", "127.0.0.1", "--port", "{port}", "--base-url", prefix),
        ],
        "environment": {"WORKBENCH_TOKEN": TOKEN},
        "request_headers_override": {"Authorization": f"token {TOKEN}"},
        "absolute_url": True,
        "timeout": START,
        # a page asks for news by itself: that alone must not keep an idle image alive
        "exclude_last_activity_patterns": [r".*/workbench/source$"],
        # among the notebooks: in its other categories JupyterLab shows no picture
        "launcher_entry": {
            "title": "Risk dashboard",
            "icon_path": icon(),
            "category": "Notebook",
        },
        "new_browser_tab": True,
    }


c: Config = globals()["c"]  # traitlets puts it there before it runs this file
c.ServerApp.jpserver_extensions = {"voila.server_extension": False}
c.ServerProxy.servers = {NAME: dashboards()}
c.ServerProxy.host_allowlist = ["localhost", "127.0.0.1"]
