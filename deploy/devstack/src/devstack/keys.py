"""Keys for identity tokens and for sealed secrets, made once for each run folder.

`python -m devstack.keys` prints new ones for an .env file.
"""

import base64
import secrets

from devstack.folder import RunFolder

# Those who sign tokens: the gateway for people, the others for themselves.
TOKEN_ISSUERS = ("gateway", "booking", "customers", "payments")


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


def main() -> None:
    """Print the lines of an .env file that hold keys."""
    pairs = {issuer: make_key_pair().split(" ") for issuer in TOKEN_ISSUERS}
    for issuer, (private, _) in pairs.items():
        print(f"{issuer.upper()}_IDENTITY_PRIVATE_KEY={private}")
    print("IDENTITY_PUBLIC_KEYS=" + ",".join(f"{issuer}={public}" for issuer, (_, public) in pairs.items()))
    print(f"SEALING_KEY={make_sealing_key()}")


if __name__ == "__main__":
    main()
