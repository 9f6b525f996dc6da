"""Keys for identity tokens and for sealed secrets, made once for each run folder."""

import base64
import secrets

from devstack.folder import RunFolder


def key_pair(folder: RunFolder, issuer: str) -> tuple[str, str]:
    """The private and the public key of `issuer`: base64 of 32 raw Ed25519 bytes each."""
    pair = folder.secret(f"{issuer} identity", make_key_pair)
    private, _, public = pair.partition(" ")
    return private, public


def make_key_pair() -> str:
    """A new pair in one string, private before public."""
    # Only the first start needs this library, which would stay in the supervisor's memory for good.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    return " ".join(base64.b64encode(part).decode() for part in raw)


def make_sealing_key() -> str:
    """A new key for secrets in events: URL-safe base64 of 32 random bytes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
