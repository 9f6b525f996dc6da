"""Keys for identity tokens and for sealed secrets, made once for each run folder.

`python -m devstack.keys` prints new ones. With the name of an empty .env file it prints that file with new keys,
secrets and passwords in it, except those that somebody else gives out.
"""

import base64
import re
import secrets
import sys
from pathlib import Path

from devstack.folder import RunFolder

# Those who sign tokens: the gateway for people, the others for themselves.
TOKEN_ISSUERS = ("gateway", "booking", "customers", "payments")

BLANK = re.compile(r"^([A-Z_]+)=$", re.MULTILINE)
MADE_UP = re.compile(r"_(SECRET_KEY|PASSWORD)$")
GIVEN_OUT = frozenset({"ALERTS_SMTP_PASSWORD", "STRIPE_SECRET_KEY"})


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


def new_keys() -> dict[str, str]:
    """Keys by the names that they have in an .env file."""
    pairs = {issuer: make_key_pair().split(" ") for issuer in TOKEN_ISSUERS}
    private = {f"{issuer.upper()}_IDENTITY_PRIVATE_KEY": pair[0] for issuer, pair in pairs.items()}
    public = ",".join(f"{issuer}={pair[1]}" for issuer, pair in pairs.items())
    return {**private, "IDENTITY_PUBLIC_KEYS": public, "SEALING_KEY": make_sealing_key()}


def filled_in(example: str) -> str:
    """The lines of an .env file with all in it that can be made up."""
    keys = new_keys()

    def value(blank: re.Match[str]) -> str:
        name = blank[1]
        made = keys.get(name) or ("" if name in GIVEN_OUT or not MADE_UP.search(name) else secrets.token_hex(24))
        return f"{name}={made}"

    return BLANK.sub(value, example)


def main() -> None:
    """Print the lines of an .env file that hold keys, or a whole one."""
    if len(sys.argv) > 1:
        print(filled_in(Path(sys.argv[1]).read_text()), end="")
        return
    for name, value in new_keys().items():
        print(f"{name}={value}")


if __name__ == "__main__":
    main()
