"""Tells who watches what is being measured, apart from the figures."""

import sys
import time

_began = time.monotonic()


def tell(what: str) -> None:
    """One line of progress."""
    print(f"{time.monotonic() - _began:6.1f} s  {what}", file=sys.stderr, flush=True)
