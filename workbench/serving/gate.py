"""Who may ask the server anything at all. Every address passes here before a handler sees it.

Voila checks its token in some handlers only: static files and the websocket of preheated pages
(`/voila/query`) are open there. So the token is checked once, in front of all of them.

Without a token the server is for this machine alone. A page elsewhere could still reach it through
a name that it makes resolve to 127.0.0.1, so the `Host` must then be a loopback name.
"""

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tornado import httputil, web

from workbench.serving.ports import is_loopback

# Not `_xsrf`: a Jupyter server at the same host keeps its own under that name.
XSRF_COOKIE = "workbench-xsrf"
DROPPED = ("theme", "template")  # a theme would start a cold kernel, a template another page


class Verdict(Enum):
    """What happens to a request."""

    ADMIT = 0
    REMEMBER = 1  # the token is right: keep it in a cookie and come back without it
    NO_TOKEN = 2
    WRONG_HOST = 3


@dataclass(frozen=True)
class Gate:
    """The rule of admission: `token` is None on loopback."""

    token: str | None
    port: int
    base_url: str = "/"

    @property
    def cookie_name(self) -> str:
        """One for each port, since cookies do not know ports."""
        return f"workbench-{self.port}"

    def proof(self) -> str:
        """Return what the cookie holds: a digest, so that the token itself is not stored."""
        key = (self.token or "").encode()
        return hmac.new(key, b"workbench viewer", hashlib.sha256).hexdigest()

    def judge(self, request: httputil.HTTPServerRequest) -> Verdict:
        """Decide about one request."""
        if self.token is None:
            return Verdict.ADMIT if is_loopback(request.host_name) else Verdict.WRONG_HOST
        if _same(_cookie(request, self.cookie_name), self.proof()):
            return Verdict.ADMIT
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() in {"token", "bearer"} and _same(value.strip(), self.token):
            return Verdict.ADMIT
        shown = request.query_arguments.get("token", [b""])[-1].decode("utf-8", "replace")
        if not _same(shown, self.token):
            return Verdict.NO_TOKEN
        is_page = request.method == "GET" and "Upgrade" not in request.headers
        return Verdict.REMEMBER if is_page else Verdict.ADMIT


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _cookie(request: httputil.HTTPServerRequest, name: str) -> str:
    try:
        found = SimpleCookie(request.headers.get("Cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def drop_cookies(request: httputil.HTTPServerRequest, kept: set[str]) -> None:
    """Take all cookies but `kept` out of a request.

    Behind a proxy, the login of a Jupyter server at the same host comes along. Voila would read it
    as its own, find it invalid and clear it: its user would be logged out there.
    """
    sent = request.headers.get("Cookie", "").split(";")
    own = [pair.strip() for pair in sent if pair.partition("=")[0].strip() in kept]
    if own:
        request.headers["Cookie"] = "; ".join(own)
    elif "Cookie" in request.headers:
        del request.headers["Cookie"]


def drop_arguments(request: httputil.HTTPServerRequest, names: tuple[str, ...]) -> None:
    """Take the query arguments `names` out of a request, as if they had never been sent."""
    if not any(name in request.arguments for name in names):
        return
    pairs = parse_qsl(request.query, keep_blank_values=True)
    request.query = urlencode([(k, v) for k, v in pairs if k not in names])
    request.uri = request.path + (f"?{request.query}" if request.query else "")
    for name in names:
        request.arguments.pop(name, None)
        request.query_arguments.pop(name, None)


class Remember(web.RequestHandler):
    """Keep the proof in a cookie and lead to the same address without the token."""

    def initialize(self, gate: Gate) -> None:
        self.gate = gate

    def get(self) -> None:
        self.set_cookie(
            self.gate.cookie_name,
            self.gate.proof(),
            httponly=True,
            samesite="Lax",
            path=self.gate.base_url,
        )
        drop_arguments(self.request, ("token",))
        # One leading slash: '//host/' in a Location would lead elsewhere.
        self.redirect("/" + str(self.request.uri).lstrip("/\\"))


class Refusal(web.RequestHandler):
    """Say no to any method, in words."""

    def initialize(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def prepare(self) -> None:
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if self.verdict is Verdict.WRONG_HOST:
            self.finish("This server answers on 127.0.0.1 only. Open it under that name.\n")
        else:
            self.finish("A token is needed. Open the address that was printed at the start.\n")


class GatedApplication(web.Application):
    """A tornado application behind a gate."""

    def __init__(self, gate: Gate, **settings: Any) -> None:
        super().__init__(**settings)
        self.gate = gate

    def find_handler(self, request: httputil.HTTPServerRequest, **kwargs: Any) -> Any:
        drop_arguments(request, DROPPED)
        verdict = self.gate.judge(request)
        if verdict is Verdict.ADMIT:
            drop_arguments(request, ("token",))
            drop_cookies(request, {self.gate.cookie_name, XSRF_COOKIE})
            return super().find_handler(request, **kwargs)
        if verdict is Verdict.REMEMBER:
            return self.get_handler_delegate(request, Remember, {"gate": self.gate})
        return self.get_handler_delegate(request, Refusal, {"verdict": verdict})
