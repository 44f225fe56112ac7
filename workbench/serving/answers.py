"""The addresses that are ours: a dashboard, and what its page asks from time to time."""

from contextlib import suppress
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from tornado.iostream import StreamClosedError
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.utils import create_include_assets_functions

from workbench.serving.desk import Desk, Notice
from workbench.serving.rendering import Rendering
from workbench.serving.settings import TEMPLATE

HEARTBEAT_EVERY = 5.0  # s
HEARTBEAT = "<script>window.voila_heartbeat()</script>\n"
FAILED = (
    '<script>document.getElementById("loading")?.remove()</script>'
    '<div class="loading"><p role="alert">The figures could not be computed. '
    "The server's log says why. Load the page again.</p></div>"
)


class EndOfPage(VoilaShutdownKernelHandler):
    """A page that closes asks for the end of its kernel, with the key that its cookie holds.

    Voila's own scripts ask too, without a key, and would leave a warning in the log of each page:
    that is answered, and does nothing.
    """

    def check_xsrf_cookie(self) -> None:
        """Leave it to `post`."""

    async def post(self, kernel_id: str) -> None:
        """End the kernel for who has the key."""
        if not self.get_argument("_xsrf", ""):
            self.set_status(204)
            return
        JupyterHandler.check_xsrf_cookie(self)
        await super().post(kernel_id)


class Page(JupyterHandler):
    """A dashboard. Its cookie lets the page end its kernel when it closes.

    Voila checks an xsrf cookie when a page asks to end its kernel and never sets it, so every
    closed page would leave a kernel behind. What stands in the query is for the page's scripts:
    no kernel sees it, so that a page that waited and a fresh one are alike.
    """

    def initialize(self, desk: Desk, pages: list[dict[str, str]]) -> None:
        self.desk, self.pages = desk, pages

    @web.authenticated
    async def get(self, path: str) -> None:
        """Answer with the page, part by part as it is computed."""
        if path not in {page["file"] for page in self.pages}:
            raise web.HTTPError(404)
        _ = self.xsrf_token  # reading it sets the cookie
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        found = await self.desk.page(path)
        if isinstance(found, Notice):
            self._tell(found, path)
            return
        with suppress(StreamClosedError):  # the viewer has left
            async with self.desk.delivery(found):
                await self._send(found)

    async def _send(self, page: Rendering) -> None:
        async for part in page.parts(HEARTBEAT_EVERY):
            self.write(HEARTBEAT if part is None else part)
            await self.flush()
        if page.error is not None:
            self.log.error("a page failed", exc_info=page.error)
            self.write(FAILED)
        await self.finish()

    def _tell(self, notice: Notice, path: str) -> None:
        template = self.settings["voila_jinja2_env"].get_template("notice.html.j2")
        self.set_status(503)
        self.set_header("Retry-After", "30")
        self.finish(
            template.render(
                **vars(notice),
                pages=self.pages,
                current=path.removesuffix(".ipynb"),
                base_url=self.base_url,
                **create_include_assets_functions(TEMPLATE, self.base_url),
            )
        )

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("There is no such page.\n" if status_code == 404 else "This page failed.\n")


class SourceNow(JupyterHandler):
    """Say which version of the study there is now, and what is wrong with it."""

    def initialize(self, desk: Desk) -> None:
        self.desk = desk

    @web.authenticated
    async def get(self) -> None:
        """Answer {"digest": 64 hexadecimal digits, "fault": the gate's first line or ""}."""
        state = await self.desk.source.state()
        self.set_header("Cache-Control", "no-store")
        self.finish({"digest": state.digest, "fault": next(iter(state.faults), "")})
