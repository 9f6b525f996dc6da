"""Seals secrets that must travel in events, such as the manage token of a link in an e-mail.

Only services that hold `SEALING_KEY` can open them; the broker, the outbox and parked messages hold cipher text.
"""

from cryptography.fernet import Fernet, InvalidToken


class Sealer:
    """Seals and opens short texts with a key of 32 bytes in URL-safe base64."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key)

    def seal(self, secret: str) -> str:
        """The secret as cipher text."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret; raises `ValueError` when the text was sealed with another key or changed."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ValueError("This was not sealed with our key.") from error
