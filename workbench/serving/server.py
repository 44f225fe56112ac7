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
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from workbench.serving.answers import EndOfPage, Page, SourceNow
from workbench.serving.assets import AssetHandler, Assets
from workbench.serving.desk import Desk
from workbench.serving.forks import Forks
from workbench.serving.gate import Gate, GatedApplication
from workbench.serving.settings import TEMPLATE

# What Voila opens for a folder of notebooks and a page does not need: the listing of the folder,
# its files, the contents service, a login form, a kernel's way to ask for the query.
CLOSED = (
    *("/voila/tree", "/voila/files/", "/voila/api/contents", "/login", "/logout"),
    *("/voila/query", "/voila/execution"),  # only where Voila preheats, and where it is progressive
)


def is_news(record: logging.LogRecord) -> bool:
    """Drop what is said at every start: trust is about saved outputs; Jupyter pings by itself."""
    return not any(said in record.getMessage() for said in ("is not trusted", "ping_timeout"))


class Dashboards(Voila):
    """A Voila that listens on sockets it is given, and that no file here reconfigures."""

    gate: Gate
    study: Path
    pool_size: int
    most: int | None = None  # kernels, as in `Kernels`
    forks: Forks | None = None  # where they come from, likewise
    desk: Desk
    assets: Assets
    sockets: list[socket.socket]
    when_ready: Callable[[], None]

    @property
    def data_dir(self) -> str:
        """Voila's own data folder; the first that Jupyter names may be ours, without themes."""
        found = (path for path in jupyter_path("voila") if (Path(path) / "themes").is_dir())
        return str(next(found, Path(sys.prefix) / "share" / "jupyter" / "voila"))

    def load_config_file(self, *_args: Any, **_kwargs: Any) -> None:
        """Read no voila.json: one in the working folder could open what is closed here."""

    @property
    def pages(self) -> list[dict[str, str]]:
        """What `settings.pages` listed."""
        listed: list[dict[str, str]] = self.voila_configuration.resources["workbench_pages"]
        return listed

    def init_handlers(self) -> list[Any]:
        """Return Voila's addresses without the closed ones, with our pages and scripts."""
        kept = [rule for rule in super().init_handlers() if not self._is_closed(rule)]
        handlers = [self._ours(rule) for rule in kept]
        first = self.pages[0]["file"]
        base = self.base_url
        home = {"url": f"{base}voila/render/{first}", "permanent": False}
        return [
            (base, web.RedirectHandler, home),
            (rf"{base}{self.assets.address}/(.*)", AssetHandler, {"assets": self.assets}),
            (rf"{base}workbench/source", SourceNow, {"desk": self.desk}),
            *handlers,
        ]

    def _is_closed(self, rule: tuple[Any, ...]) -> bool:
        place = str(rule[0])
        inside = "/" + place.removeprefix(self.base_url)
        return inside == "/" or place.startswith(CLOSED) or inside.startswith(CLOSED)

    def _ours(self, rule: tuple[Any, ...]) -> tuple[Any, ...]:
        if rule[1] is TornadoVoilaHandler:
            return (rule[0], Page, {"desk": self.desk, "pages": self.pages})
        if rule[1] is VoilaShutdownKernelHandler:
            return (rule[0], EndOfPage)
        if rule[1] is TemplateStaticFileHandler:  # it fails on addresses that it does not expect
            place = rf"{self.base_url}voila/templates/{TEMPLATE}/static/(.*)"
            return (place, MultiStaticFileHandler, {"paths": self.static_paths})
        return rule

    def start(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        self.connection_dir = tempfile.mkdtemp(prefix="workbench_", dir=self.connection_dir_root)
        self.app = GatedApplication(self.gate, **self.init_settings())
        self.app.settings.update(self.tornado_settings)
        self.kernel_manager.most, self.kernel_manager.forks = self.most, self.forks
        self.assets = Assets(
            {
                "voila": self.static_paths,
                "labextensions": self.labextensions_path,
                "plotly": [str(files("plotly") / "package_data")],
            }
        )
        names = [page["file"] for page in self.pages]
        self.desk = Desk(self.study, names, self.pool_size, self)
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
        if self.forks is not None:
            self.ioloop.add_callback(self.forks.open)
        self.ioloop.add_callback(self.desk.open)
        self.ioloop.run_in_executor(None, self.assets.prepare)
        try:
            self.ioloop.start()
        finally:
            server.stop()
            self.stop()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.ioloop.add_callback_from_signal(self._close)

    async def _close(self) -> None:
        await self.desk.close()
        await self.kernel_manager.shutdown_all(now=True)
        if self.forks is not None:
            self.forks.close()
        self.ioloop.stop()

    def stop(self) -> None:
        """End what is left of the kernels at once: they hold nothing that is worth waiting for."""
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        shutil.rmtree(self.connection_dir, ignore_errors=True)
