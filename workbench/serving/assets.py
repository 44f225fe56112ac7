"""Scripts and styles as a page loads them: compressed once, kept by the browser, few requests.

Voila's page asks for some eighty small scripts one after the other. All of them are pieces that
webpack's loader takes from a list, in any order and at any time, so those that a page is known to
need (`page_scripts.json`) are sent as one. A piece that another version of Voila calls otherwise is
left out, and the page then asks for it by itself.

Addresses hold a digest of all files, so that a browser may keep what it has for ever.
"""

import asyncio
import gzip
import hashlib
import json
import mimetypes
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from tornado import web

from workbench.publishing.plotly import plotly_script

BUNDLE = "page-scripts.js"
LINES = "plotly-lines.js"  # what lines and bars need; a chart of another kind asks for all
DRAWN = frozenset({"scatter", "bar"})
WANTED = Path(__file__).with_name("page_scripts.json")
TEXTS = {".js", ".css", ".json", ".svg", ".html"}
SMALLEST = 1024  # bytes that are worth compressing
FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """Files below named folders; each name stands for the folders that are searched in turn."""

    def __init__(self, folders: Mapping[str, Sequence[str | Path]]) -> None:
        self._folders = {
            name: [Path(place) for place in places if Path(place).is_dir()]
            for name, places in folders.items()
        }
        self._packed: dict[str, bytes] = {}
        self.address = f"workbench/static/{self._digest()}"  # below the server's base

    def _digest(self) -> str:
        """Name the state of all files by their places, sizes and times."""
        whole = hashlib.sha256(WANTED.read_bytes())
        for place in sorted({p for places in self._folders.values() for p in places}):
            for path in sorted(p for p in place.rglob("*") if p.is_file()):
                status = path.stat()
                whole.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
        return whole.hexdigest()[:16]

    def _path(self, asked: str) -> Path | None:
        """Return the file that is asked for, if it lies below one of its folders."""
        name, *parts = asked.split("/")
        if not parts or any(part in {"", ".", ".."} or set(part) & set("\\:\0") for part in parts):
            return None
        tried = (place.joinpath(*parts) for place in self._folders.get(name, []))
        return next((path for path in tried if path.is_file()), None)

    def content(self, asked: str) -> bytes | None:
        """Return the bytes that are asked for, None if there are none."""
        if asked == BUNDLE:
            return self._bundle()
        if asked == LINES:
            return plotly_script(DRAWN).encode()
        path = self._path(asked)
        return None if path is None else path.read_bytes()

    def packed(self, asked: str) -> bytes | None:
        """Return the same as gzip; None where that is not worth while."""
        if Path(asked).suffix not in TEXTS:
            return None
        if asked not in self._packed:
            content = self.content(asked)
            if content is None or len(content) < SMALLEST:
                return None
            self._packed[asked] = gzip.compress(content, 6, mtime=0)
        return self._packed[asked]

    def _bundle(self) -> bytes:
        """Join the wanted scripts, each in a function of its own: one may ask for strict rules."""
        paths = map(self._path, json.loads(WANTED.read_text(encoding="utf-8")))
        pieces = [path.read_bytes() for path in paths if path is not None]
        return b"".join(b"(()=>{" + piece + b"\n})();\n" for piece in pieces)

    def prepare(self) -> None:
        """Compress the largest before anyone asks."""
        self.packed(BUNDLE)
        self.packed(LINES)


class AssetHandler(web.RequestHandler):
    """Answer with a file, as gzip where the browser takes it."""

    def initialize(self, assets: Assets) -> None:
        self.assets = assets

    async def get(self, asked: str) -> None:
        loop = asyncio.get_running_loop()
        takes = "gzip" in self.request.headers.get("Accept-Encoding", "")
        body = None
        if takes:
            body = await loop.run_in_executor(None, partial(self.assets.packed, asked))
        if body is not None:
            self.set_header("Content-Encoding", "gzip")
        else:
            body = await loop.run_in_executor(None, partial(self.assets.content, asked))
        if body is None:
            raise web.HTTPError(404)
        kind = mimetypes.guess_type(asked)[0] or "application/octet-stream"
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", FOR_EVER)
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(body)

    def compute_etag(self) -> None:
        """Need none: another content has another address."""
