"""The most common passwords, from the list that comes with this package."""

from functools import cache
from importlib.resources import files


@cache
def common_passwords() -> frozenset[str]:
    """Those of at least eight characters among the 10,000 most common, in lower case."""
    text = (files("customers") / "data" / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.lower() for line in text.splitlines())
