"""Ed25519 keys that sign checkpoints (RFC 8032), by the library `cryptography`."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workbench.audit.checkpoints import KEY_BYTES, Note, VerifierKey
from workbench.errors import require


class SigningKey:
    """A private key; `seed` is its 32 bytes, a new random one unless given."""

    def __init__(self, seed: bytes | None = None) -> None:
        if seed is None:
            self._key = Ed25519PrivateKey.generate()
        else:
            rule = "a signing key is 32 bytes"
            require(len(seed) == KEY_BYTES, rule, got=len(seed), fix="Give the key file as it is.")
            self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def seed(self) -> bytes:
        """The 32 bytes that the key is made from: keep them secret."""
        return self._key.private_bytes_raw()

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._key.sign(message)


def is_signed(note: Note, key: VerifierKey) -> bool:
    """Whether a checkpoint holds a signature of that key over its own text."""
    public = Ed25519PublicKey.from_public_bytes(key.public)
    message = str(note.checkpoint).encode()
    return any(_is_of(public, signature, message) for signature in note.by(key))


def _is_of(public: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True
