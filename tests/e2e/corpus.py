"""What clumsy and hostile clients send: values, bodies and parameters, each with a name that failures can tell."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

DEEP = 10_000
HUGE = "x" * 60_000
"""Larger than any field may be, smaller than the gateway's limit for a body."""


@dataclass(frozen=True)
class Spoil:
    """A value as JSON text; `is_never_valid` whatever the field is."""

    name: str
    raw: str
    is_never_valid: bool = False

    @property
    def value(self) -> Any:
        """The value as a reader of JSON sees it."""
        return json.loads(self.raw)


def _never(name: str, raw: str) -> Spoil:
    return Spoil(name, raw, is_never_valid=True)


VALUES = (
    Spoil("null", "null"),
    Spoil("true", "true"),
    Spoil("empty text", '""'),
    Spoil("blank text", '"   "'),
    Spoil("numeric text", '"3"'),
    Spoil("Arabic digits", '"٣"'),
    Spoil("fullwidth digits", '"１００１１"'),
    Spoil("zero", "0"),
    Spoil("date of the past", '"2020-01-01"'),
    Spoil("date far ahead", '"2999-01-01"'),
    Spoil("29 February of no leap year", '"2027-02-29"'),
    Spoil("day zero", '"0000-00-00"'),
    Spoil("no id", '"00000000-0000"'),
    Spoil("random id", json.dumps(str(uuid4()))),
    Spoil("SQL", '"\' OR 1=1; --"'),
    Spoil("format", '"%s %n {0} ${x}"'),
    Spoil("markup", '"<script>alert(1)</script>"'),
    Spoil("right to left", '"\\u202eevil\\u200f"'),
    Spoil("emoji", '"😀"'),
    _never("minus one", "-1"),
    _never("2^63", str(2**63)),
    _never("10^30", "1" + "0" * 30),
    _never("whole float", "3.0"),
    _never("float", "1.5"),
    _never("huge float", "1e400"),
    _never("NaN", "NaN"),
    _never("Infinity", "-Infinity"),
    _never("5,000 digits", "9" * 5000),
    _never("list of lists", "[[]]"),
    _never("other object", '{"a": {}}'),
    _never("NUL", '"a\\u0000b"'),
    _never("escape character", '"\\u001b[31m"'),
    _never("lone surrogate", '"\\ud800"'),
    _never("deep nesting", "[" * DEEP + "]" * DEEP),
    _never("large text", json.dumps(HUGE)),
)

UNREADABLE = frozenset({"5,000 digits", "deep nesting"})
"""Values that no reader of JSON takes: then the body as a whole is refused."""

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "text": b'"text"',
    "number": b"3",
    "broken": b'{"a": ',
    "trailing": b"{} {}",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "surrogate as name": b'{"\\ud800": 1}',
    "NUL as name": b'{"\\u0000": 1}',
    "large name": b'{"' + b"n" * 50_000 + b'": 1}',
    "many names": json.dumps({f"field_{number}": number for number in range(3000)}).encode(),
    "prototype": b'{"__proto__": {"admin": true}, "constructor": 1, "__class__": 1}',
    "NUL bytes": b"\x00" * 100,
}

CONTENT_TYPES = (
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
    "application/json; charset=utf-16", "application/json, text/plain", "a" * 500,
)  # fmt: skip

QUERY_VALUES: dict[str, str] = {
    "empty": "",
    "word": "abc",
    "zero": "0",
    "minus": "-1",
    "float": "1.5",
    "10^30": "1" + "0" * 30,
    "10^8": "100000000",
    "NaN": "NaN",
    "Arabic digit": "%D9%A3",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "29 February of no leap year": "2027-02-29",
    "a time": "2027-01-01T00:00:00Z",
    "seconds since 1970": "1767225600",
    "SQL": "%27%20OR%201%3D1%3B--",
    "wildcards": "%25_%25",
    "NUL": "%00",
    "control character": "%1B",
    "not UTF-8": "%FF",
    "surrogate": "%ED%A0%80",
    "bad escape": "%zz",
    "right to left": "%E2%80%AEevil",
    "long": "x" * 1500,
    "longer than an address may be": "x" * 3000,
}

KEYS = ("short", "ü" * 20, " " * 20, "k" * 256, "k" * 5000, "k" * 20 + "\t")

LEAKS = (
    "Traceback", "psycopg", "sqlalchemy", "asyncpg", "SELECT ", "INSERT ", "UPDATE ", "relation ", "constraint",
    "127.0.0.1", "localhost", "site-packages", "/src/", "datetime.", "pydantic", "No such payment_intent",
    "api.stripe.com",
)  # fmt: skip
"""Words that only the inside knows."""
