"""What the audience sees: plain sentences, with colours where there is a terminal."""

import sys
import time
from typing import TextIO

BOLD, DIM, RED, GREEN, YELLOW, BLUE = "1", "2", "31", "32", "33", "34"


class Stage:
    """Prints the story, to standard output unless told otherwise; without control characters if it is no terminal."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._coloured = self._out.isatty()
        self._began = time.monotonic()

    def chapter(self, title: str) -> None:
        """The next part of the story."""
        self._print(f"\n{self._in(BOLD, title)}")

    def tell(self, sentence: str) -> None:
        """Something is about to happen or is so."""
        self._print(f"  {sentence}")

    def good(self, sentence: str) -> None:
        """What was promised has happened."""
        self._print(f"  {self._in(GREEN, '✓')} {sentence}")

    def refused(self, sentence: str) -> None:
        """Something was refused, as it should be."""
        self._print(f"  {self._in(YELLOW, '✗')} {sentence}")

    def bad(self, sentence: str) -> None:
        """What was promised has not happened."""
        self._print(f"\n  {self._in(RED, '✗ ' + sentence)}")

    def row(self, left: str, right: str) -> None:
        """A line of a table; `left` is what varies in width, such as a time."""
        self._print(f"    {self._in(DIM, left)}  {right}")

    def mail(self, recipient: str, subject: str) -> None:
        """A message that arrived."""
        self._print(f"    {self._in(BLUE, '✉')} {recipient}: “{subject}”")

    def wait(self, seconds: float, why: str) -> None:
        """Let time pass where the audience sees why; on a terminal the seconds are counted down."""
        until = time.monotonic() + seconds
        if not self._coloured:
            self.tell(f"Waiting {seconds:.0f} s: {why}")
            time.sleep(seconds)
            return
        while (left := until - time.monotonic()) > 0:
            self._out.write(f"\r  {self._in(DIM, f'Waiting {left:3.0f} s: {why}')}")
            self._out.flush()
            time.sleep(min(1.0, left))
        self._out.write("\r\033[K")

    @property
    def seconds(self) -> float:
        """Since the story began."""
        return time.monotonic() - self._began

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)

    def _in(self, style: str, text: str) -> str:
        return f"\033[{style}m{text}\033[0m" if self._coloured else text


def money(cents: int) -> str:
    """`123456` → `$1,234.56`."""
    return f"${cents / 100:,.2f}"
