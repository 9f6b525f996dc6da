"""Links by which a recipient ends what is optional, without logging in."""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

_BYTES = 32


class Unsubscribing:
    """Signs and reads the tokens of those links. A token names the message that carried it, and nothing personal."""

    def __init__(self, site_url: str, secret: str) -> None:
        self._site_url = site_url.rstrip("/")
        self._key = hashlib.sha256(b"unsubscribe:" + secret.encode()).digest()

    def token(self, message_id: UUID) -> str:
        """The token of the message's link."""
        return base64.urlsafe_b64encode(message_id.bytes + self._signature(message_id.bytes)).decode()

    def message_of(self, token: str) -> UUID | None:
        """The message whose token it is; null for what was not signed here."""
        try:
            content = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        id, signature = content[:16], content[16:]
        if len(content) != 16 + _BYTES or not hmac.compare_digest(signature, self._signature(id)):
            return None
        return UUID(bytes=id)

    def page(self, message_id: UUID) -> str:
        """The link for people."""
        return f"{self._site_url}/unsubscribe?token={self.token(message_id)}"

    def endpoint(self, message_id: UUID) -> str:
        """The link for mail programs, which post to it."""
        return f"{self._site_url}/api/customers/unsubscribe/?token={self.token(message_id)}"

    def _signature(self, content: bytes) -> bytes:
        return hmac.new(self._key, content, hashlib.sha256).digest()
