"""The key pairs that identity tokens are signed with, made once for each run folder."""

import base64

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
