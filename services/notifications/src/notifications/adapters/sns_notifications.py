"""Notifications of Amazon SNS: whether they are genuine.

Each is signed with a key whose certificate lies at an address that the notification itself names; only Amazon's own
hosts are asked for it.
"""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate
from shared.errors import Refusal, Unavailable

_HOST = re.compile(r"sns\.[a-z]{2}(?:-[a-z]+)+-[0-9]\.amazonaws\.com(?:\.cn)?")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""Type → the members that are signed, in this order."""

_SECONDS = aiohttp.ClientTimeout(total=5, connect=2)
LARGEST_ANSWER = 64 * 1024
MOST_CERTIFICATES = 8


class NotGenuine(Refusal):
    """The notification was not signed by Amazon, or is of a topic that is not ours."""

    code = "invalid_signature"
    message = "The notification's signature is not valid."


@dataclass(frozen=True, slots=True)
class Notification:
    """A genuine notification; `subscribe_url` is empty unless it asks to confirm a subscription."""

    id: str
    type: str
    message: str
    subscribe_url: str


class Amazon(Protocol):
    """What is asked of Amazon about notifications."""

    async def certificate(self, url: str) -> bytes:
        """The certificate in PEM; raises `Unavailable`."""
        ...

    async def confirm(self, url: str) -> None:
        """Confirms a subscription; raises `Unavailable`."""
        ...


class RealAmazon:
    """Asks Amazon; the last few certificates are kept, since each is good for about a year."""

    def __init__(self) -> None:
        self._certificates: dict[str, bytes] = {}

    async def certificate(self, url: str) -> bytes:
        """Fetched once; what is no certificate is not kept, so that a moment's mistake over there lasts no longer."""
        if url not in self._certificates:
            pem = await self._get(url)
            try:
                load_pem_x509_certificate(pem)
            except ValueError as error:
                raise Unavailable() from error
            newest = list(self._certificates.items())[1 - MOST_CERTIFICATES :]
            self._certificates = {**dict(newest), url: pem}
        return self._certificates[url]

    async def confirm(self, url: str) -> None:
        """Visits the address."""
        await self._get(url)

    async def _get(self, url: str) -> bytes:
        try:
            async with (
                aiohttp.ClientSession(timeout=_SECONDS, trust_env=False) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                if answer.status != 200:
                    raise Unavailable()
                return await _whole(answer.content)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable() from error


async def _whole(content: aiohttp.StreamReader) -> bytes:
    """All of an answer; raises `Unavailable` for one that is too long."""
    whole = bytearray()
    async for part in content.iter_any():
        whole += part
        if len(whole) > LARGEST_ANSWER:
            raise Unavailable()
    return bytes(whole)


class LocalAmazon(RealAmazon):
    """A certificate of our own, for a local stand-in of SNS; subscriptions need no confirmation there."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = Path(file)

    async def certificate(self, url: str) -> bytes:
        """The file's, whatever the address."""
        return await asyncio.to_thread(self._file.read_bytes)

    async def confirm(self, url: str) -> None:
        """Nothing is to be done."""
        return


class Notifications:
    """Reads the bodies that SNS posts."""

    def __init__(self, amazon: Amazon, topics: frozenset[str]) -> None:
        """Those of other `topics` are refused."""
        self._amazon = amazon
        self._topics = topics

    async def read(self, body: bytes) -> Notification:
        """The notification, with its subscription confirmed if it asks for that; raises `NotGenuine`."""
        content = _content(body)
        kind = content.get("Type", "")
        if kind not in _SIGNED or content.get("TopicArn") not in self._topics:
            raise NotGenuine()
        url = content.get("SigningCertURL", "")
        if not _is_amazons(url) or not url.endswith(".pem"):
            raise NotGenuine()
        _verify(content, await self._amazon.certificate(url))
        subscribe_url = content.get("SubscribeURL", "") if kind == "SubscriptionConfirmation" else ""
        if subscribe_url:
            if not _is_amazons(subscribe_url):
                raise NotGenuine()
            await self._amazon.confirm(subscribe_url)
        return Notification(content.get("MessageId", ""), kind, content.get("Message", ""), subscribe_url)


def _content(body: bytes) -> dict[str, str]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise NotGenuine() from None
    if not isinstance(content, dict):
        raise NotGenuine()
    return {name: value for name, value in content.items() if isinstance(value, str)}


def _is_amazons(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = parts.port is None and parts.username is None
    except ValueError:
        return False
    return parts.scheme == "https" and plain and _HOST.fullmatch(parts.hostname or "") is not None


def signed_text(content: Mapping[str, str]) -> bytes:
    """What of a notification is signed: names and values, a line each; a member that is missing is left out."""
    names = [name for name in _SIGNED[content["Type"]] if name in content]
    return "".join(f"{name}\n{content[name]}\n" for name in names).encode()


def _verify(content: Mapping[str, str], certificate: bytes) -> None:
    """Raises `NotGenuine`. Version 1 of the signature is over SHA-1, version 2 over SHA-256."""
    algorithm = {"1": SHA1(), "2": SHA256()}.get(content.get("SignatureVersion", ""))  # noqa: S303
    try:
        key = load_pem_x509_certificate(certificate).public_key()
        if algorithm is None or not isinstance(key, RSAPublicKey):
            raise NotGenuine()
        signature = base64.b64decode(content.get("Signature", ""), validate=True)
        key.verify(signature, signed_text(content), PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise NotGenuine() from error
