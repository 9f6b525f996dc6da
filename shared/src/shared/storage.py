"""Where files are kept: a folder in development, S3 in production. Files are private; whoever may read one gets a link.

Keys are ours, such as `documents/<booking>/<id>.pdf`, never a name that somebody sent. What a key holds is written
once: a deed that is repeated after a crash writes the same bytes under the same key.
"""

import asyncio
import hashlib
import hmac
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlencode
from uuid import uuid4

from shared.errors import NotFound, Unavailable

LONGEST_LINK_SECONDS = 300
LONGEST_KEY = 200
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_KEY = re.compile(rf"{_PART}(?:/{_PART})*")


class Missing(KeyError):
    """There is no file under this key."""


class StorageDown(Unavailable):
    """The store of files does not answer."""

    code = "storage_unavailable"
    message = "Files can not be stored or read at the moment. Please try again."


class Storage(Protocol):
    """A store of files. A key that is not one of ours raises `ValueError`; a store that fails raises `StorageDown`."""

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        """Keeps `content` under `key`, in place of what was there; whole or not at all."""
        ...

    async def get(self, key: str) -> bytes:
        """The content; raises `Missing`."""
        ...

    async def delete(self, key: str) -> None:
        """Removes the file; nothing happens when there is none."""
        ...

    async def link(self, key: str, seconds: int, filename: str) -> str:
        """An address that anybody can download the file from for `seconds` (300 at most), as `filename`."""
        ...


def checked_key(key: str) -> str:
    """The key; raises `ValueError` for one that could lead out of its place."""
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError("not a key of a stored file")
    return key


def attachment(filename: str) -> str:
    """A `Content-Disposition` that makes browsers save the file under this name instead of showing it."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", filename)[:100] or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename[:100], safe='')}"


class FolderStorage:
    """Files in a folder. Links lead to a route of the service that made them, which asks `linked` what they name."""

    def __init__(self, folder: Path, secret: str, address: str, now: Callable[[], float] = time.time) -> None:
        """`address` is that of the route; `secret` signs the links to it."""
        self._folder = folder
        self._secret = hashlib.sha256(b"file links:" + secret.encode()).digest()
        self._address = address
        self._now = now

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        """The content goes into a draft first, which then takes the file's place."""
        await asyncio.to_thread(_write, self._path(key), content)

    async def get(self, key: str) -> bytes:
        """The content; raises `Missing`."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise Missing(key) from None
        except OSError as error:
            raise StorageDown() from error

    async def delete(self, key: str) -> None:
        """Removes the file, if it is there."""
        try:
            await asyncio.to_thread(self._path(key).unlink, missing_ok=True)
        except (IsADirectoryError, NotADirectoryError):
            return
        except OSError as error:
            raise StorageDown() from error

    async def link(self, key: str, seconds: int, filename: str) -> str:
        """Our route's address with the key and a signature over all that it says."""
        expires = int(self._now()) + min(seconds, LONGEST_LINK_SECONDS)
        signature = self._sign(checked_key(key), expires, filename)
        query = urlencode({"key": key, "expires": expires, "filename": filename, "signature": signature})
        return f"{self._address}?{query}"

    def linked(self, key: str, expires: int, filename: str, signature: str) -> str:
        """The key that a link names; raises `NotFound` for one that is over or that we did not make."""
        genuine = hmac.compare_digest(signature.encode(), self._sign(key, expires, filename).encode())
        if not genuine or expires < self._now():
            raise NotFound()
        return key

    def _sign(self, key: str, expires: int, filename: str) -> str:
        return hmac.new(self._secret, f"{key}\n{expires}\n{filename}".encode(), "sha256").hexdigest()

    def _path(self, key: str) -> Path:
        return self._folder / checked_key(key)


async def linked_content(storage: Storage, key: str, expires: int, filename: str, signature: str) -> bytes:
    """What a signed link of ours names; raises `NotFound`, as it always does with a bucket, whose links are its own."""
    if not isinstance(storage, FolderStorage):
        raise NotFound()
    try:
        return await storage.get(storage.linked(key, expires, filename, signature))
    except Missing:
        raise NotFound() from None


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise StorageDown() from error
