"""The manage token: whoever holds it may see and change one booking without logging in.

It is derived from the booking's id and never stored; the database knows only its hash.
"""

import base64
import hashlib
import hmac
from uuid import UUID

LONGEST_TOKEN = 64


def manage_token(secret: str, booking_id: UUID) -> str:
    """The manage token of a booking, URL-safe."""
    digest = hmac.new(secret.encode(), b"manage" + booking_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token_of(token: str, stored_hash: str) -> bool:
    """Whether `token` is the one that was hashed; takes the same time for every wrong one."""
    return hmac.compare_digest(token_hash(token), stored_hash)
