"""Where a register is: one SQLite file, or a PostgreSQL server by its URL."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from workbench.errors import WorkbenchError, require
from workbench.files.messages import shown_name

VARIABLE = "WORKBENCH_REGISTER"
POSTGRES = "postgresql"
DRIVER = "postgresql+psycopg"
# Options of libpq that hold secrets, and that no variable of the environment can pass on to its
# tools. Source: PostgreSQL documentation, "Parameter Key Words".
SECRETS = frozenset({"sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
# File systems of other machines: their locks are promises that SQLite's WAL cannot rely on, since
# it shares memory between processes. Source: sqlite.org, "Write-Ahead Logging", section 1.
SHARES = frozenset(
    "9p afpfs afs beegfs ceph cifs coda davfs fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs "
    "glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs smb3 smbfs virtiofs".split()
)
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}  # of a mount table


@dataclass(frozen=True)
class Place:
    """Where a register is; `path` for a file, `url` for a server."""

    path: Path | None = None
    url: URL | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a file of this machine."""
        return self.path is not None

    def __str__(self) -> str:
        """As a person may see it: without a password."""
        if self.path is not None:
            return shown_name(str(self.path))
        assert self.url is not None
        return self.url.set(drivername=POSTGRES).render_as_string(hide_password=True)


def place_of(text: str | Path) -> Place:
    """Return the place that a path or a URL names.

    Raises
    ------
    WorkbenchError
        for a URL of another database, and one that holds a secret besides the password.

    """
    told = str(text)
    require(bool(told.strip()), "a register has a place", got=told, fix=f"Set {VARIABLE}.")
    if "://" not in told:
        return Place(path=_path_of(told))
    try:
        url = make_url(told)
    except (ArgumentError, ValueError):
        scheme = told.partition("://")[0]
        raise WorkbenchError(
            f"a register's URL can be read; got one that begins {scheme[:20]!r}. "
            "Write postgresql://USER:PASSWORD@HOST/DATABASE."
        ) from None
    known = url.drivername in {POSTGRES, DRIVER, "postgres"}
    rule = "a register is a SQLite file or a PostgreSQL server"
    fix = "Give the path of a file, or a URL that begins postgresql://."
    require(known, rule, got=url.drivername, fix=fix)
    told_twice = {name for name, value in url.query.items() if not isinstance(value, str)}
    hidden = sorted(SECRETS & set(url.query) | {"password"} & told_twice)
    rule = "a register's URL holds no secret but one password: others see what a program is given"
    fix = "Keep it in libpq's connection service file, and name that with service=NAME."
    require(not hidden, rule, got=hidden, fix=fix)
    secret = url.query.get("password")  # shown nowhere: it belongs before the host
    if isinstance(secret, str):
        url = url.set(password=secret).difference_update_query(["password"])
    return Place(url=url.set(drivername=DRIVER))


def _path_of(told: str) -> Path:
    try:
        return Path(told).expanduser()
    except RuntimeError:
        raise WorkbenchError(
            f"a path that begins with ~ names a home that is there; got {told[:80]!r}. Write the "
            "whole path."
        ) from None


def refuse_share(path: Path) -> None:
    """Refuse a file on a disk of another machine, and say why.

    Raises
    ------
    WorkbenchError
        where the file system is a network share.

    """
    kind = file_system(path)
    if kind in SHARES:
        raise WorkbenchError(
            f"{shown_name(str(path))}: a register is a file of this machine; got one on a network "
            f"share ({kind}). SQLite's write-ahead log needs memory that all its users share, and "
            "over a network two of them may both believe to hold the lock. Keep the file on a "
            "local disk, or let the team use a PostgreSQL server by its URL."
        )


def file_system(path: Path) -> str:
    """Return the type of the file system that holds a path, such as ext4; empty where unknown."""
    if sys.platform == "win32":
        return "smbfs" if str(path.absolute()).startswith("\\\\") else ""
    table = Path("/proc/self/mountinfo")
    try:
        lines = table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    place = os.path.realpath(path.parent if not path.exists() else path)
    found = [(mount, kind) for mount, kind in mounts(lines) if _holds(mount, place)]
    # the longest mount point holds the path, the last of equal ones hides the others
    return max(enumerate(found), key=lambda pair: (len(pair[1][0]), pair[0]))[1][1] if found else ""


def mounts(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the mount point and type of each line of /proc/self/mountinfo (proc(5))."""
    for line in lines:
        before, _, after = line.partition(" - ")
        words, rest = before.split(" "), after.split(" ")
        if len(words) >= 5 and rest[0]:
            point = words[4]
            for code, character in _ESCAPES.items():
                point = point.replace(code, character)
            yield point, rest[0]


def _holds(mount: str, place: str) -> bool:
    return mount in {"/", place} or place.startswith(mount + "/")
