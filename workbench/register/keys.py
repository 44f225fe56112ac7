"""Where the key that signs checkpoints is kept: beside the person, never in the register."""

import os
from pathlib import Path

from workbench.audit.signing import SigningKey
from workbench.errors import WorkbenchError
from workbench.files.messages import Findings, shown_name
from workbench.files.opening import read_bytes
from workbench.files.saving import flush_folder

VARIABLE = "WORKBENCH_REGISTER_KEYS"
PRIVATE = 0o600


def folder() -> Path:
    """Return the folder of keys: of the variable, or of the person's configuration."""
    stated = os.environ.get(VARIABLE)
    if stated:
        return Path(stated)
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "risk-workbench" / "keys"


def key_file(origin: str) -> Path:
    """Return the file of a log's key."""
    return folder() / f"{origin.rpartition('/')[2]}.key"


def make_key(origin: str) -> SigningKey:
    """Make a log's key, readable by its owner alone.

    Raises
    ------
    WorkbenchError
        where it cannot be written.

    """
    key, path = SigningKey(), key_file(origin)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.seed.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        flush_folder(path.parent)
    except OSError as error:
        raise WorkbenchError(
            f"the key of the log is written to {shown_name(str(path))}; got {error.strerror}. Set "
            f"{VARIABLE} to a folder of yours."
        ) from None
    return key


def find_key(origin: str) -> SigningKey | None:
    """Return a log's key, None where this person does not hold it.

    Raises
    ------
    WorkbenchError
        where the file is there and cannot be read, or holds no key.

    """
    path = key_file(origin)
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise WorkbenchError(
            f"the key of the log is read from {shown_name(str(path))}; got {error.strerror}. Ask "
            "for the right to read it."
        ) from None
    data = read_bytes(path, Findings(str(path)))
    try:
        return SigningKey(bytes.fromhex(data.decode("ascii").strip()))
    except ValueError:
        raise WorkbenchError(
            f"{shown_name(str(path))}: a key file holds 32 bytes in hexadecimal. Restore it."
        ) from None
