"""How Voila is configured: what is closed, and why."""

import json
import os
from pathlib import Path

from traitlets.config import Config

from workbench.serving.gate import XSRF_COOKIE
from workbench.serving.guard import WEBSOCKET_SETTINGS, GuardedConnection
from workbench.serving.kernels import Kernels

TEMPLATE = "workbench"
FORKING = "workbench.serving.provisioner.ForkingManager"
EXTENSIONS = [  # without the first two no widget renders
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
]
CULL_AFTER = 600  # s without a page; a page that closes ends its kernel at once
# Scripts and styles that Voila writes into the page need 'unsafe-inline', its schema validator
# 'unsafe-eval', anywidget's modules 'blob:'. Nothing of it allows another host.
CONTENT_SECURITY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def pages(folder: Path) -> list[dict[str, str]]:
    """List the notebooks of a folder as the header's navigation, the overview first.

    A page is called by its notebook's metadata `title`, or else by its file.
    """
    found = []
    for path in sorted(folder.glob("*.ipynb"), key=lambda p: (p.stem != "overview", p.stem)):
        metadata = json.loads(path.read_text(encoding="utf-8")).get("metadata", {})
        title = str(metadata.get("title") or path.stem.replace("-", " ").capitalize())
        found.append({"name": path.stem, "file": path.name, "title": title})
    return found


def configuration(folder: Path, cull_after: int = CULL_AFTER, base_url: str = "/") -> Config:
    """Return Voila's configuration for the dashboards in `folder`, all addresses below `base_url`.

    A kernel whose page is gone is ended after `cull_after` seconds, or a tenth more.
    """
    config = Config()
    config.Voila.root_dir = str(folder)
    config.Voila.base_url = base_url
    config.Voila.open_browser = False
    config.Voila.token = ""  # the gate stands in front of every address instead
    config.IdentityProvider.cookie_name = "workbench-viewer"  # not that of a Jupyter server
    config.Voila.kernel_websocket_connection_class = GuardedConnection
    config.Voila.tornado_settings = {
        "headers": HEADERS,
        "xsrf_cookie_name": XSRF_COOKIE,
        "xsrf_cookie_kwargs": {"path": base_url, "samesite": "Lax"},
        **WEBSOCKET_SETTINGS,
    }
    config.Voila.log_level = "WARN"
    config.VoilaConfiguration.template = TEMPLATE
    config.VoilaConfiguration.theme = "light"
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.strip_sources = True
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.file_allowlist = []
    config.VoilaConfiguration.file_denylist = [".*"]
    config.VoilaConfiguration.resources = {"workbench_pages": pages(folder)}
    config.KernelManager.transport = "tcp" if os.name == "nt" else "ipc"  # no open ports
    config.VoilaConfiguration.multi_kernel_manager_class = Kernels
    config.MappingKernelManager.kernel_manager_class = FORKING
    config.MappingKernelManager.cull_idle_timeout = cull_after
    config.MappingKernelManager.cull_interval = max(1, cull_after // 10)
    config.MappingKernelManager.cull_connected = False
    config.MappingKernelManager.default_kernel_name = "python3"
    return config
