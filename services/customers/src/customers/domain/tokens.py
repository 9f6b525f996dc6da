"""Secrets of links and of logins that are half done: random, told once, kept as their SHA-256 alone."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

Purpose = Literal["verify_email", "reset_password", "invitation", "login"]

LIVES: Mapping[Purpose, timedelta] = {
    "verify_email": timedelta(hours=72),
    "reset_password": timedelta(hours=1),
    "invitation": timedelta(hours=72),
    "login": timedelta(minutes=5),
}
"""How long a token of each purpose can be used."""

TOKEN_BYTES = 32

LINKS_WITHIN = timedelta(hours=1)
MOST_LINKS = 5
PAUSE = timedelta(minutes=1)


def may_send_link(sent: Sequence[datetime], now: datetime) -> bool:
    """Whether an account may get another link: a stranger who keeps asking must not fill a mailbox.

    `sent` tells when it got the links of the last hour.
    """
    return len(sent) < MOST_LINKS and all(now - at >= PAUSE for at in sent)


def new_token() -> str:
    """256 random bits as text that fits into a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is kept of a token. It has too many bits to be guessed from this, so a slow hash would gain nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
