"""Checkpoints of a log as signed notes (C2SP tlog-checkpoint and signed-note).

A checkpoint says how many entries a log has and what root they hash to:

    risk-workbench/register/0f3c...      the origin: which log
    1204                                 its size
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=    its root, base64

and a signature in a line of its own, after an empty one. Who keeps it outside can tell later that
nothing before it was changed.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Protocol

from workbench.errors import WorkbenchError, require

DASH = "\u2014"  # what a line of a signature begins with
ED25519 = b"\x01"  # the algorithm's byte of a key in a signed note
KEY_BYTES = 32
HINT_BYTES = 4
SIGNATURE_BYTES = 64
LONGEST_NOTE = 4096  # characters; a checkpoint with one signature has about 250
_FIX = "Give the note as it was printed, all its lines."


class Signer(Protocol):
    """Who signs: a private key, wherever it is kept."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of an Ed25519 signature."""
        ...


@dataclass(frozen=True)
class VerifierKey:
    """A public key and the name that it signs under."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Check what a note can hold."""
        plain = bool(self.name) and not any(c.isspace() or c == "+" for c in self.name)
        rule = "a key's name has no space and no plus"
        require(plain, rule, got=self.name[:120], fix="Name it like a web address.")
        known = len(self.public) == KEY_BYTES
        require(known, "an Ed25519 key has 32 bytes", got=len(self.public), fix="Give it whole.")

    @property
    def hint(self) -> bytes:
        """The 4 bytes by which a signature names its key."""
        data = self.name.encode() + b"\n" + ED25519 + self.public
        return hashlib.sha256(data).digest()[:HINT_BYTES]

    def __str__(self) -> str:
        """As a verifier key is written: name, hint and key."""
        return f"{self.name}+{self.hint.hex()}+{to_base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a key as `str` writes it.

        Raises
        ------
        WorkbenchError
            for another form, and for a hint that is of another key.

        """
        name, _, rest = text.strip().partition("+")
        hint, _, data = rest.partition("+")
        raw = from_base64(data) or b""
        known = raw[:1] == ED25519 and len(raw) == 1 + KEY_BYTES
        rule = "a verifier key is NAME+HINT+KEY of an Ed25519 key"
        require(known, rule, got=text[:120], fix="Copy the line that `init` printed.")
        key = cls(name, raw[1:])
        rule = "the hint of a verifier key is of that key"
        require(
            key.hint.hex() == hint, rule, got=hint[:40], fix="Copy the line that `init` printed."
        )
        return key


@dataclass(frozen=True)
class Checkpoint:
    """The size and the root of a log at some time."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    def signed(self, signer: Signer) -> str:
        """Return the signed note, the text with a line for the signature."""
        key = VerifierKey(self.origin, signer.public)
        signature = signer.sign(str(self).encode())
        return f"{self}\n{DASH} {key.name} {to_base64(key.hint + signature)}\n"


@dataclass(frozen=True)
class Note:
    """A signed checkpoint as it was read: nothing of it is believed before it is checked."""

    checkpoint: Checkpoint
    signatures: tuple[tuple[str, bytes, bytes], ...]  # name, hint, signature

    def by(self, key: VerifierKey) -> list[bytes]:
        """Return the signatures that claim to be of a key."""
        wanted = (key.name, key.hint)
        return [found for name, hint, found in self.signatures if (name, hint) == wanted]


def parse_note(text: str) -> Note:
    """Read a signed checkpoint; line ends of any system, and what mail puts around it, are allowed.

    Raises
    ------
    WorkbenchError
        where it is no checkpoint, or has no signature.

    """
    require(len(text) <= LONGEST_NOTE, "a checkpoint is short", got=len(text), fix=_FIX)
    lines = [line.strip() for line in text.replace("\r\n", "\n").strip().split("\n")]
    body, signed = lines[:3], [line for line in lines[3:] if line]
    rule = "a checkpoint is its origin, its size, its root, an empty line and a signature"
    require(len(body) == 3 and len(signed) > 0 and lines[3] == "", rule, got=text[:80], fix=_FIX)
    origin, size, root = body[0], body[1], from_base64(body[2])
    require(bool(origin), "a checkpoint names its log", got=origin, fix=_FIX)
    whole = size.isascii() and size.isdigit() and (size == "0" or size[0] != "0") and len(size) < 19
    require(whole, "the size of a log is a whole number", got=size[:40], fix=_FIX)
    known = root is not None and len(root) == 32
    require(known, "the root of a log is 32 bytes in base64", got=body[2][:60], fix=_FIX)
    assert root is not None
    found = Checkpoint(origin, int(size), root)
    return Note(found, tuple(_signature(line) for line in signed))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    words = line.split(" ")
    data = from_base64(words[2]) if len(words) == 3 and words[0] == DASH else None
    if data is None or len(data) <= HINT_BYTES:
        raise WorkbenchError(f"a signature is a dash, a name and base64; got {line[:60]!r}. {_FIX}")
    return words[1], data[:HINT_BYTES], data[HINT_BYTES:]


def to_base64(data: bytes) -> str:
    """Return bytes as base64, in the one right way."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """Return what base64 stands for; None where it is not written in the one right way."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if to_base64(data) == text else None
