"""The words that a booking is found by: names, parts of the e-mail address, digits of the phone, booking number."""

import re
import unicodedata

MOST_WORDS = 8
"""As many as a search looks at; nobody's name is longer."""

_WORD = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"\s+")
_NOT_DIGITS = re.compile(r"[^0-9]")
_NUMBER = re.compile(r"\+?[0-9][0-9\s().-]{2,}")
"""What somebody types who looks for a phone or a booking number."""

_BOOKING_NUMBER = re.compile(r"tt-?[0-9][0-9-]*")
_LOCAL_DIGITS = (10, 7, 4)
"""A phone number without its country, without its area, and its last four."""


def words_of(booking_number: str, first_name: str, last_name: str, email: str, phone: str) -> list[str]:
    """Every word of a booking, plainly spelled (no capitals, no accents), without repetition."""
    digits = _NOT_DIGITS.sub("", phone)
    number = booking_number.lower().replace("-", "")
    found = [
        number,
        _NOT_DIGITS.sub("", booking_number),
        *_words(f"{first_name} {last_name}"),
        *_words(email),
        _plain(email),
        digits,
        *(digits[-length:] for length in _LOCAL_DIGITS),
    ]
    return [word for word in dict.fromkeys(found) if word]


def search_query(text: str) -> str:
    """What was typed, as a text search query: each word must begin a word of the booking. Empty if there is none."""
    return " & ".join(f"'{_quoted(word)}':*" for word in _typed(_plain(text).strip())[:MOST_WORDS])


def _typed(text: str) -> list[str]:
    if _NUMBER.fullmatch(text):
        return [_NOT_DIGITS.sub("", text)]
    return [word for part in _SPACES.split(text) for word in _parts(part)]


def _parts(part: str) -> list[str]:
    if _BOOKING_NUMBER.fullmatch(part):
        return [part.replace("-", "")]
    if "@" in part.strip("@"):
        return [part]
    return _words(part)


def _words(text: str) -> list[str]:
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).casefold()


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")
