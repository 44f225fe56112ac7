"""Voila as the workbench runs it: alone, behind a gate, with its own addresses."""

import logging
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any

from jupyter_core.paths import jupyter_path
from jupyter_core.utils import run_sync
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from voila.app import Voila
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from workbench.serving.gate import Gate, GatedApplication
from workbench.serving.settings import TEMPLATE

# What Voila opens for a folder of notebooks and a page does not need: the listing of the folder,
# its files, the contents service, a login form.
CLOSED = ("/voila/tree", "/voila/files/", "/voila/api/contents", "/login", "/logout")


def is_news(record: logging.LogRecord) -> bool:
    """Drop what is said at every start: trust is about saved outputs; Jupyter pings by itself."""
    return not any(said in record.getMessage() for said in ("is not trusted", "ping_timeout"))


class Page(TornadoVoilaHandler):  # type: ignore[misc]  # Voila ships no types
    """A dashboard. Its cookie lets the page end its kernel when it closes.

    Voila checks the `_xsrf` cookie when a page asks to end its kernel and never sets it, so every
    closed page would leave a kernel behind.
    """

    async def get(self, path: str | None = None) -> None:
        known = {page["file"] for page in self.voila_configuration.resources["workbench_pages"]}
        if path not in known:
            raise web.HTTPError(404)
        _ = self.xsrf_token  # reading it sets the cookie
        await super().get(path)

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("There is no such page.\n" if status_code == 404 else "This page failed.\n")


class PlotlyScript(web.StaticFileHandler):
    """The plotly.js of the installed plotly package, the one copy that all charts share."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "max-age=86400")


class Dashboards(Voila):  # type: ignore[misc]  # Voila ships no types
    """A Voila that listens on sockets it is given, and that no file here reconfigures."""

    gate: Gate
    sockets: list[socket.socket]
    when_ready: Callable[[], None]

    @property
    def data_dir(self) -> str:
        """Voila's own data folder; the first that Jupyter names may be ours, without themes."""
        found = (path for path in jupyter_path("voila") if (Path(path) / "themes").is_dir())
        return str(next(found, Path(sys.prefix) / "share" / "jupyter" / "voila"))

    def load_config_file(self, *_args: Any, **_kwargs: Any) -> None:
        """Read no voila.json: one in the working folder could open what is closed here."""

    def init_handlers(self) -> list[Any]:
        """Return Voila's addresses without the closed ones, with our pages and plotly.js."""
        kept = [rule for rule in super().init_handlers() if not self._is_closed(rule)]
        handlers = [self._ours(rule) for rule in kept]
        first = self.voila_configuration.resources["workbench_pages"][0]["file"]
        home = {"url": f"/voila/render/{first}", "permanent": False}
        plotly = str(files("plotly") / "package_data")
        return [
            (r"/", web.RedirectHandler, home),
            (r"/workbench/(plotly\.min\.js)", PlotlyScript, {"path": plotly}),
            *handlers,
        ]

    def _is_closed(self, rule: tuple[Any, ...]) -> bool:
        return rule[0] == "/" or str(rule[0]).startswith(CLOSED)

    def _ours(self, rule: tuple[Any, ...]) -> tuple[Any, ...]:
        if rule[1] is TornadoVoilaHandler:
            return (rule[0], Page, *rule[2:])
        if rule[1] is TemplateStaticFileHandler:  # it fails on addresses that it does not expect
            place = rf"/voila/templates/{TEMPLATE}/static/(.*)"
            return (place, MultiStaticFileHandler, {"paths": self.static_paths})
        return rule

    def start(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        self.connection_dir = tempfile.mkdtemp(prefix="workbench_", dir=self.connection_dir_root)
        self.app = GatedApplication(self.gate, **self.init_settings())
        self.app.settings.update(self.tornado_settings)
        self.app.add_handlers(".*$", self.init_handlers())
        self.listen()

    def listen(self) -> None:
        """Take the sockets, say that the server is ready, and run the loop."""
        for log in (self.log, logging.getLogger("tornado.general")):
            log.addFilter(is_news)
        self.ioloop = IOLoop.current()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        server = HTTPServer(self.app)
        server.add_sockets(self.sockets)
        self.ioloop.add_callback(self.when_ready)
        try:
            self.ioloop.start()
        finally:
            server.stop()
            self.stop()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.ioloop.add_callback_from_signal(self.ioloop.stop)

    def stop(self) -> None:
        """End the kernels at once: they hold nothing that is worth waiting for."""
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        shutil.rmtree(self.connection_dir, ignore_errors=True)
