"""CPU and time of a stack between two moments."""

import asyncio
import time
from dataclasses import dataclass

from bench.cpu import Reading
from bench.stack import Stack


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Runs from the moment it was made."""

    stack: Stack
    reading: Reading
    began: float

    @classmethod
    def start(cls, stack: Stack) -> "Stopwatch":
        """Begin now."""
        return cls(stack, Reading.take(stack.pids()), time.monotonic())

    @property
    def elapsed(self) -> float:
        """Seconds until now."""
        return time.monotonic() - self.began

    def stop(self) -> tuple[dict[str, float], float]:
        """CPU seconds by process, and seconds, until now. Raises ProcessChanged."""
        elapsed = self.elapsed
        return Reading.take(self.stack.pids()).since(self.reading), elapsed


async def idle_rates(stack: Stack, seconds: float) -> dict[str, float]:
    """CPU seconds per second that each process spends while nobody asks for anything."""
    watch = Stopwatch.start(stack)
    await asyncio.sleep(seconds)
    spent, elapsed = watch.stop()
    return {name: cpu / elapsed for name, cpu in spent.items()}
