"""One POST over a fresh connection: all the HTTP that sending a webhook needs."""

import asyncio
from urllib.parse import urlsplit

_MAX_ANSWER_BYTES = 65536


async def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer. Raises OSError, or ValueError for an answer that isn't HTTP."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None
    )
    try:
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        fields = {"Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close"} | headers
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        return _status(await reader.read(_MAX_ANSWER_BYTES))
    finally:
        writer.close()


def _status(answer: bytes) -> int:
    version, _, rest = answer.partition(b" ")
    if not version.startswith(b"HTTP/1."):
        raise ValueError("The receiver's answer is not HTTP.")
    return int(rest[:3])
