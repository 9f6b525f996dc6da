"""What somebody types into the office's search box, as what the database looks for."""

import re

_SEPARATORS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(?:TT-)?([0-9]{8}(?:-[0-9]{0,8})?)")
"""A whole day at least: a year's bookings are no answer to a search."""


def prefixes_of(search: str) -> str | None:
    """A text search query that wants every word of `search` as the beginning of a word; null if there is no word."""
    words = [word for word in _SEPARATORS.split(search.lower()) if word]
    return " & ".join(f"'{word}':*" for word in words) or None


def number_prefix_of(search: str) -> str | None:
    """How the booking numbers begin that `search` may mean, such as TT-20261123-0001; null if it means none."""
    match = _NUMBER.fullmatch(search.strip().upper())
    return f"TT-{match[1]}" if match else None
