"""Codes on paper that stand in for a lost phone, each once."""

import base64
import hashlib
import re
import secrets

HOW_MANY = 10
RANDOM_BYTES = 10
_GROUPS = re.compile(r"[a-z2-7]{4}")
_FILLERS = re.compile(r"[\s-]")


def new_recovery_codes() -> list[str]:
    """Ten codes such as `k2vw-q7ma-5xdc-h3te`, 80 random bits each."""
    texts = (base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().lower() for _ in range(HOW_MANY))
    return ["-".join(_GROUPS.findall(text)) for text in texts]


def recovery_hash(code: str) -> str:
    """What is kept of a code, however its owner writes it down. It has too many bits to be guessed from this."""
    return hashlib.sha256(_FILLERS.sub("", code).lower().encode()).hexdigest()
