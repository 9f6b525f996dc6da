"""CPU time of processes and their children, as the kernel counts it in /proc."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


class ProcessChanged(RuntimeError):
    """A process ended or was started again in the middle of a measurement, whose figures are worth nothing now."""


@dataclass(frozen=True, slots=True)
class Stat:
    """One process. `ticks` is its own CPU time and that of its children which have ended and were waited for."""

    pid: int
    parent: int
    ticks: int


def parse_stat(text: str) -> Stat:
    """The content of `/proc/<pid>/stat`."""
    # The program's name stands in parentheses and may hold blanks and parentheses itself.
    before, _, after = text.rpartition(")")
    fields = after.split()
    return Stat(int(before.split()[0]), int(fields[1]), sum(int(field) for field in fields[11:15]))


def all_processes(proc: Path = PROC) -> dict[int, Stat]:
    """Every process of the machine by its pid."""
    found = {}
    for entry in proc.iterdir():
        if entry.name.isdigit():
            try:
                stat = parse_stat((entry / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
            found[stat.pid] = stat
    return found


def tree(processes: Mapping[int, Stat], root: int) -> list[Stat]:
    """`root` and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in processes.values():
        children.setdefault(stat.parent, []).append(stat.pid)
    found, waiting = [], [root] if root in processes else []
    while waiting:
        pid = waiting.pop()
        found.append(processes[pid])
        waiting += children.get(pid, ())
    return found


def cpu_seconds(processes: Mapping[int, Stat], root: int) -> float:
    """CPU seconds of a process and all that it ever started: those alive count themselves, the others in it."""
    return sum(stat.ticks for stat in tree(processes, root)) / TICKS_PER_SECOND


def machine_seconds(stat: Path = PROC / "stat") -> float:
    """CPU seconds that all cores together have worked since the machine started; waiting and stolen time is no work."""
    user, nice, system, _, _, interrupts, soft_interrupts = (int(field) for field in stat.read_text().split()[1:8])
    return (user + nice + system + interrupts + soft_interrupts) / TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Reading:
    """The CPU seconds of each named process tree up to one moment."""

    pids: Mapping[str, int]
    seconds: Mapping[str, float]

    @classmethod
    def take(cls, pids: Mapping[str, int]) -> "Reading":
        """Read the counters of the trees of `pids` (name → root). Raises ProcessChanged if one is not there."""
        processes = all_processes()
        if gone := [name for name, pid in pids.items() if pid not in processes]:
            raise ProcessChanged(f"{', '.join(gone)} is not running.")
        return cls(dict(pids), {name: cpu_seconds(processes, pid) for name, pid in pids.items()})

    def since(self, earlier: "Reading") -> dict[str, float]:
        """CPU seconds spent by each tree since an earlier reading. Raises ProcessChanged."""
        if changed := [name for name, pid in self.pids.items() if earlier.pids.get(name) != pid]:
            raise ProcessChanged(f"{', '.join(changed)} was started again during the measurement.")
        return {name: self.seconds[name] - earlier.seconds[name] for name in self.seconds}


def proportional_memory(pids: Iterable[int], proc: Path = PROC) -> int:
    """Memory (PSS, bytes) of the trees of `pids`: what is shared by several processes counts by shares.

    Raises PermissionError for processes of other users that we may not look into.
    """
    processes = all_processes(proc)
    return sum(_pss(proc / str(stat.pid)) for root in pids for stat in tree(processes, root))


def _pss(entry: Path) -> int:
    try:
        lines = (entry / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
