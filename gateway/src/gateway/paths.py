"""Addresses that could mean one thing here and another at a service are turned away."""

import re
from urllib.parse import unquote_to_bytes

from gateway.refusals import AddressTooLong, BadRequest

LONGEST_TARGET = 2048

_TRICKY = re.compile(rb"%(?:2f|2e|5c|3b|25|[01][0-9a-f]|7f)|//|[\\;\x00-\x20\x7f-\xff]|/\.{1,2}(?:/|\Z)", re.IGNORECASE)
_BAD_ESCAPE = re.compile(rb"%(?![0-9a-fA-F]{2})")
_UNPRINTABLE = re.compile(rb"[\x00-\x20\x7f-\xff]")


def check_length(path: bytes, query: bytes) -> None:
    """Raises `AddressTooLong` beyond 2 KiB."""
    if len(path) + len(query) >= LONGEST_TARGET:
        raise AddressTooLong()


def check_path(path: bytes) -> None:
    """Raises `BadRequest` for encoded separators and dots, `//`, dot segments, `;`, `\\` and what isn't UTF-8."""
    if not path.startswith(b"/") or _TRICKY.search(path):
        raise BadRequest("The path is not acceptable.")
    _check_escapes(path)


def check_query(query: bytes) -> None:
    """Raises `BadRequest` for control characters, encoded or not, and for what isn't UTF-8."""
    if _UNPRINTABLE.search(query):
        raise BadRequest("The query is not acceptable.")
    _check_escapes(query)


def _check_escapes(text: bytes) -> None:
    if b"%" not in text:
        return
    decoded = unquote_to_bytes(text)
    try:
        decoded.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The address is not UTF-8.") from error
    if b"\x00" in decoded or _BAD_ESCAPE.search(text):
        raise BadRequest("The address is not acceptable.")
