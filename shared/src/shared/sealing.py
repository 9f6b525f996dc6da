"""Seals secrets that must travel in events, such as the manage token of a link in an e-mail.

Only services that hold `SEALING_KEY` can open them; the broker, the outbox and parked messages hold cipher text.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Sealer:
    """Seals and opens short texts. Each key is 32 bytes in URL-safe base64; the first seals, all of them open.

    So one key can replace another: what was sealed before stays readable while the old key is still named behind the
    new one. Raises `ValueError` for anything that is not a key.
    """

    def __init__(self, keys: str) -> None:
        """`keys` are separated by commas."""
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])

    def seal(self, secret: str) -> str:
        """The secret as cipher text."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret; raises `ValueError` when the text was sealed with a key that is not ours or was changed."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ValueError("This was not sealed with our key.") from error
