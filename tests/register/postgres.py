"""A PostgreSQL server for tests alone: its own folder, port and password, reached on loopback.

It is a child of the tests: it ends with them, even where they are killed. PostgreSQL refuses to run
as root, so that root lends it the account of Debian's package, or that of nobody.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

OWNER = "owner"
PATIENCE = 60.0  # s
LENT = ("postgres", "nobody")  # accounts that root runs a server under
ACCOUNT = LENT[0]
IN_MEMORY, ROOM = Path("/dev/shm"), 2 << 30  # a folder that is in memory; bytes that it has to have


def programs() -> Path | None:
    """Return the folder of the server's programs, the newest of several; None without any."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    stated = shutil.which("postgres")
    best = Path(stated).resolve() if stated else found[-1] if found else None
    return best.parent if best is not None and (best.parent / "initdb").exists() else None


def place(*, fsync: bool) -> str:
    """Return the folder for the files of a server: in memory where it need not wait for a disk.

    Each test has a database of its own, a copy of 7 MB: there it takes a third of the time.
    """
    with suppress(OSError):
        if not fsync and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
            return str(IN_MEMORY)
    return "/tmp"


def account() -> dict[str, Any]:
    """Return under whom the server's programs run: us, unless we are root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    lent = next(known[name] for name in LENT if name in known)
    return {"user": lent.pw_uid, "group": lent.pw_gid, "extra_groups": ()}


class Server:
    """A cluster in a folder of its own.

    Parameters
    ----------
    bin_of : the folder of the programs
    fsync : whether the server waits for the disk. A killed process loses nothing without it, since
        the system keeps what was written; tests are three times as fast

    """

    def __init__(self, bin_of: Path, *, fsync: bool = False) -> None:
        self._bin, self._fsync = bin_of, fsync
        self._folder = Path(tempfile.mkdtemp(prefix="workbench-pg-", dir=place(fsync=fsync)))
        self._log = self._folder / "log"
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.password = secrets.token_hex(16)
        self.port = _free_port()
        self._as = account()
        self._make()

    def _make(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o600)
        self._log.touch()
        if self._as:
            for path in (self._folder, secret, self._log):
                os.chown(path, self._as["user"], self._as["group"])
        options = ["-D", self._folder / "data", "-U", OWNER, f"--pwfile={secret}"]
        options += ["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C"]
        self._run(self._bin / "initdb", *options, "--no-sync")
        secret.unlink()

    def _run(self, *command: object) -> None:
        done = subprocess.run(
            [str(part) for part in command], cwd="/", capture_output=True, check=False, **self._as
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def start(self) -> None:
        """Start it, also after it was killed: then once its last process has gone."""
        end = time.monotonic() + PATIENCE
        while not self._started(end):
            assert time.monotonic() < end, self._log.read_text()[-2000:]
            time.sleep(0.1)

    def _started(self, end: float) -> bool:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if self._fsync else "off",
            "max_connections": "60",
            "shared_buffers": "64MB",
            "lc_messages": "C",
        }
        told = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [self._bin / "postgres", "-D", self._folder / "data", "-p", str(self.port), *told]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_tied(), *map(str, command)], cwd="/", stdout=log, stderr=log, **self._as
            )
        while self._process.poll() is None and time.monotonic() < end:
            with suppress(psycopg.OperationalError):
                self.ask("SELECT 1")
                return True
            time.sleep(0.02)
        return False

    @property
    def process_id(self) -> int | None:
        """The process that the others of the server are children of."""
        return None if self._process is None else self._process.pid

    def kill(self) -> None:
        """Kill it as a fault does: at once, and without a word to its own processes."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Stop it and remove all that it wrote."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # its fast end: sessions are cut off
            self._process.wait(PATIENCE)
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str, user: str = OWNER, password: str = "") -> str:
        """Return the URL of a database, as its owner unless told."""
        name = quote(user, safe="")
        return f"postgresql://{name}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def ask(self, query: str, database: str = "postgres") -> list[Any]:
        """Do a statement as the owner of all; return its rows."""
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=5) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give an empty database of its own; give its name."""
        name = f"test_{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE template0")
        yield name
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def role(self, prefix: str) -> tuple[str, str]:
        """Make a role that may log in and nothing else; return its name and password."""
        name, password = f"{prefix} {next(self._numbers)}", secrets.token_hex(8)
        made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(name), sql.Literal(password)
        )
        self.ask(made.as_string())
        return name, password


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _tied() -> Sequence[str]:
    """Return what ends a program with the one that started it, where the system can."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "INT"] if found else []


def made(*, fsync: bool = False) -> Server:
    """Return a started server; skip the test on a machine without the programs."""
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL server on this machine (Debian: apt install postgresql)")
    server = Server(found, fsync=fsync)
    server.start()
    return server
