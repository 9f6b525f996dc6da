"""CPU and time of a stack between two moments."""

import asyncio
import os
import time
from dataclasses import dataclass

from bench.cpu import Reading, all_processes, cpu_seconds, machine_seconds
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


@dataclass(frozen=True, slots=True)
class Company:
    """How much of the machine programs take that have nothing to do with the measurement."""

    began: float
    machine: float
    ours: float

    @classmethod
    def start(cls) -> "Company":
        """Begin now."""
        return cls(time.monotonic(), machine_seconds(), cpu_seconds(all_processes(), os.getpid()))

    def share(self) -> float:
        """Their part of all cores since then, 0 to 1."""
        now = Company.start()
        others = (now.machine - self.machine) - (now.ours - self.ours)
        return max(0.0, others) / ((now.began - self.began) * (os.cpu_count() or 1))


async def idle_rates(stack: Stack, seconds: float) -> dict[str, float]:
    """CPU seconds per second that each process spends while nobody asks for anything."""
    watch = Stopwatch.start(stack)
    await asyncio.sleep(seconds)
    spent, elapsed = watch.stop()
    return {name: cpu / elapsed for name, cpu in spent.items()}
