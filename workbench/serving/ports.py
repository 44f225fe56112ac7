"""Find a port and hold it before anything slow starts."""

import errno
import ipaddress
import socket

from workbench.errors import WorkbenchError

NEXT_PORTS = 50


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a server that listens at `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def held_sockets(host: str, port: int, *, is_default: bool) -> tuple[list[socket.socket], int]:
    """Bind `port` at `host` and return the listening sockets with the port.

    A default port that is taken gives way to the next free one; a port that someone asked for does
    not.

    Raises
    ------
    WorkbenchError
        if no port can be had, with the remedy

    """
    for candidate in range(port, min(port + NEXT_PORTS, 65536) if is_default else port + 1):
        try:
            return _bound(host, candidate)
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise _refused(host, candidate, fault) from fault
    taken = f"{port} to {port + NEXT_PORTS - 1} are taken" if is_default else f"{port} is taken"
    raise WorkbenchError(
        f"a server needs a free port; port {taken} at {host}. "
        f"Stop the other program, or choose one: --port {port + 1 if port < 65535 else 8866}"
    )


def _bound(host: str, port: int) -> tuple[list[socket.socket], int]:
    found = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)
    family, *_, place = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    held = socket.create_server(place[:2], family=family, backlog=128)
    held.setblocking(False)
    return [held], int(held.getsockname()[1])


def _refused(host: str, port: int, fault: OSError) -> WorkbenchError:
    if isinstance(fault, socket.gaierror) or fault.errno == errno.EADDRNOTAVAIL:
        return WorkbenchError(
            f"a server listens at an address of this machine; got {host!r}. "
            "Use 127.0.0.1, or 0.0.0.0 for all of them."
        )
    return WorkbenchError(
        f"port {port} at {host} must be allowed to this user; the system says "
        f"{fault.strerror!r}. Choose a port from 1024 up."
    )
