"""Amazon S3, or what speaks like it, as the store of files. Needs the extra `storage`."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.storage import LONGEST_LINK_SECONDS, Missing, StorageDown, attachment, checked_key

CONNECT_SECONDS = 2
READ_SECONDS = 8
ATTEMPTS = 2
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})

T = TypeVar("T")


class S3Storage:
    """Files in a bucket that nobody but us may read. The library blocks, so each call runs in a thread of its own."""

    def __init__(self, bucket: str, region: str, endpoint_url: str = "") -> None:
        """`endpoint_url` names a stand-in, whose buckets are paths and not host names."""
        self._bucket = bucket
        self._client: Any = boto3.session.Session().client(
            "s3",
            region_name=region,
            endpoint_url=endpoint_url or None,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
                signature_version="s3v4",
                s3={"addressing_style": "path" if endpoint_url else "virtual"},
            ),
        )

    async def put(self, key: str, content: bytes, content_type: str) -> None:
        """Keeps the content, encrypted at rest. The bucket's own rules make it private."""
        wanted = {"Key": checked_key(key), "Body": content, "ContentType": content_type}
        await self._call(lambda: self._client.put_object(Bucket=self._bucket, ServerSideEncryption="AES256", **wanted))

    async def get(self, key: str) -> bytes:
        """The content; raises `Missing`."""
        checked_key(key)
        content: bytes = await self._call(
            lambda: self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read(), key
        )
        return content

    async def delete(self, key: str) -> None:
        """Removes the object, if it is there."""
        checked_key(key)
        await self._call(lambda: self._client.delete_object(Bucket=self._bucket, Key=key))

    async def link(self, key: str, seconds: int, filename: str) -> str:
        """A presigned address; making one asks nobody, but may have to look for credentials."""
        wanted = {
            "Bucket": self._bucket,
            "Key": checked_key(key),
            "ResponseContentDisposition": attachment(filename),
            "ResponseCacheControl": "private, no-store",
        }
        lives = min(seconds, LONGEST_LINK_SECONDS)
        return str(await self._call(lambda: self._client.generate_presigned_url("get_object", wanted, lives)))

    async def _call(self, work: Callable[[], T], key: str = "") -> T:
        try:
            return await asyncio.to_thread(work)
        except ClientError as error:
            if key and str(error.response.get("Error", {}).get("Code")) in _MISSING:
                raise Missing(key) from None
            raise StorageDown() from error
        except BotoCoreError as error:
            raise StorageDown() from error
