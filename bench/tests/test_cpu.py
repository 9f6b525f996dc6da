"""Accounting of CPU time and memory, over processes of its own."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import pytest
from shared.testing.waiting import wait_until

from bench.cpu import (
    ProcessChanged,
    Reading,
    Stat,
    all_processes,
    cpu_seconds,
    machine_seconds,
    parse_stat,
    proportional_memory,
    tree,
)

TICKS = 0.05
"""The kernel's counters are cut off at hundredths of a second, each process's own."""

BUSY = "import time\nwhile time.process_time() < {seconds}: pass\n"
WORKS_WHEN_TOLD = """
import sys, time
print(end=".", flush=True)
sys.stdin.readline()
ends_at = time.process_time() + 0.3
while time.process_time() < ends_at: pass
print(end=".", flush=True)
sys.stdin.read()
"""
PARENT = """
import subprocess, sys
for code in sys.argv[2:]:
    subprocess.run((sys.executable, "-c", code), check=True)
open(sys.argv[1], "w").write("done")
sys.stdin.read()
"""


@contextmanager
def parent_of(folder: Path, *children: str) -> Iterator[int]:
    """A process that has run these programs one after another, and lives on."""
    done = folder / "done"
    argv = (sys.executable, "-c", PARENT, str(done), *children)
    with subprocess.Popen(argv, stdin=PIPE) as process:
        wait_until(done.exists, 120, "the children to end")
        yield process.pid
        process.communicate()


def test_a_name_with_blanks_and_parentheses_is_no_trouble():
    fields = "S 7 1 1 0 -1 4194304 10 20 0 0 11 22 33 44 20 0 1 0 100"
    assert parse_stat(f"42 (a b) c) {fields}") == Stat(pid=42, parent=7, ticks=11 + 22 + 33 + 44)


def test_a_tree_holds_all_descendants_and_nobody_else():
    stats = {pid: Stat(pid, parent, 1) for pid, parent in {1: 0, 2: 1, 3: 2, 4: 1, 5: 0}.items()}
    assert {stat.pid for stat in tree(stats, 1)} == {1, 2, 3, 4}
    assert tree(stats, 99) == []


def spent_by_children() -> float:
    """CPU seconds of all processes that we started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_the_time_of_children_that_have_ended_is_counted_once(tmp_path: Path):
    before = spent_by_children()
    with parent_of(tmp_path, BUSY.format(seconds=0.3), BUSY.format(seconds=0.3)) as pid:
        counted = cpu_seconds(all_processes(), pid)
    assert 0.6 - TICKS <= counted <= spent_by_children() - before + TICKS


def test_the_time_of_children_that_live_is_counted(tmp_path: Path):
    ready = tmp_path / "ready"
    code = BUSY.format(seconds=0.3) + f"open({str(ready)!r}, 'w').close()\nimport sys; sys.stdin.read()"
    shell = f'{sys.executable} -c "$CODE" <&0; true'
    env = {**os.environ, "CODE": code}
    with subprocess.Popen(("sh", "-c", shell), stdin=PIPE, env=env) as process:
        wait_until(ready.exists, 120, "the grandchild to have worked")
        assert cpu_seconds(all_processes(), process.pid) >= 0.3 - TICKS
        process.communicate()


def test_a_reading_tells_what_was_spent_since():
    """Of a process with no others around it: children of ours come and go with the servers of other tests."""
    with subprocess.Popen((sys.executable, "-c", WORKS_WHEN_TOLD), stdin=PIPE, stdout=PIPE, bufsize=0) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.read(1)
        before = Reading.take({"it": process.pid})
        process.stdin.write(b"\n")
        process.stdout.read(1)
        assert Reading.take({"it": process.pid}).since(before)["it"] >= 0.3 - TICKS


def test_a_process_that_was_started_again_spoils_the_measurement():
    with pytest.raises(ProcessChanged, match="valkey was started again"):
        Reading({"valkey": 2}, {"valkey": 0.1}).since(Reading({"valkey": 1}, {"valkey": 9.0}))


def test_a_process_that_is_gone_spoils_the_measurement():
    process = subprocess.Popen((sys.executable, "-c", ""))
    process.wait()
    with pytest.raises(ProcessChanged, match="gateway api is not running"):
        Reading.take({"gateway api": process.pid})


def test_memory_is_counted_over_the_tree(tmp_path: Path):
    filled = "data = bytearray(b'x' * 50_000_000)\n"
    ready = tmp_path / "ready"
    code = filled + f"open({str(ready)!r}, 'w').close()\nimport sys; sys.stdin.read()"
    with subprocess.Popen((sys.executable, "-c", code), stdin=PIPE) as process:
        wait_until(ready.exists, 120, "the memory to be filled")
        assert proportional_memory([process.pid]) >= 50_000_000
        process.communicate()


def stolen_seconds() -> float:
    """What other machines took of this one, which counts for the process that had to wait meanwhile."""
    return int(Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


def test_the_machine_has_worked_at_least_as_long_as_one_of_its_processes():
    before = machine_seconds() + stolen_seconds()
    subprocess.run((sys.executable, "-c", BUSY.format(seconds=0.3)), check=True)
    assert machine_seconds() + stolen_seconds() - before >= 0.3 - TICKS


def test_waiting_is_no_work(tmp_path: Path):
    stat = tmp_path / "stat"
    stat.write_text("cpu  100 200 300 9999 8888 10 20 7777 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
    assert machine_seconds(stat) == 6.3
