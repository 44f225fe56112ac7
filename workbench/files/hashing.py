"""The SHA-256 of a file of any size."""

import hashlib
import stat
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.files.messages import shown_name


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a regular file, in hexadecimal, without holding it in memory.

    Raises
    ------
    WorkbenchError
        for what is missing, may not be read, or is no regular file.

    """
    shown = shown_name(str(path))
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise WorkbenchError(f"{shown}: a file is hashed; got a folder or a device.")
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        if isinstance(error, WorkbenchError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise WorkbenchError(f"{shown}: the file cannot be read: {reason}. Check it.") from None
