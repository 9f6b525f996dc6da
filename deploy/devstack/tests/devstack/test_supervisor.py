"""The supervisor, over tiny programs of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from devstack import supervisor
from devstack.program import Program, Stage
from devstack.supervisor import Pauses, Supervisor
from shared.testing.servers import Command
from shared.testing.waiting import wait_until_async

QUICK = Pauses(first=0.01, longest=0.04, forgiven_after=60)
RUNS_UNTIL_TOLD = """
import signal, sys, time
def leave(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + " stopped\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
open(sys.argv[1], "a").write(sys.argv[2] + " started\\n")
time.sleep(600)
"""
IGNORES_SIGTERM = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "a").write(sys.argv[2] + " started\\n")
time.sleep(600)
"""
DIES = "raise SystemExit(3)"


@dataclass
class Scene:
    """A supervisor, its diary of starts and stops, and how often it said that something changed."""

    folder: Path
    changes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(lambda: self.changes.append(1), QUICK)

    @property
    def diary(self) -> list[str]:
        file = self.folder / "diary"
        return file.read_text().splitlines() if file.exists() else []

    def program(self, name: str, code: str = RUNS_UNTIL_TOLD, stage: Stage = Stage.SERVICE) -> Program:
        argv = (sys.executable, "-c", code, str(self.folder / "diary"), name)
        command = Command(argv, self.folder, self.folder / f"{name}.log", dict(os.environ))

        async def is_ready() -> bool:
            return f"{name} started" in self.diary

        return Program(name, "api", 1, stage, lambda: command, is_ready)

    async def start(self, *programs: Program) -> None:
        self.supervisor.start(programs)
        assert await self.supervisor.not_ready_after(programs, 60) == []

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        async def is_true() -> bool:
            return condition()

        await wait_until_async(is_true, 60, what)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    await scene.supervisor.stop()


async def test_what_is_killed_comes_back_under_another_pid(scene: Scene) -> None:
    await scene.start(scene.program("booking"))
    first = scene.supervisor.pid("booking", "api")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await scene.until(lambda: scene.diary.count("booking started") == 2, "the second start")
    assert scene.supervisor.pid("booking", "api") not in (None, first)


async def test_every_start_and_end_is_told(scene: Scene) -> None:
    await scene.start(scene.program("booking"))
    assert len(scene.changes) == 1
    pid = scene.supervisor.pid("booking", "api")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await scene.until(lambda: len(scene.changes) == 3, "an end and a start")


async def test_what_dies_at_once_is_tried_again_and_again(scene: Scene, capfd: pytest.CaptureFixture[str]) -> None:
    broken = scene.program("broken", DIES)
    scene.supervisor.start([broken])
    await scene.until(lambda: len(scene.changes) >= 8, "four starts")
    assert "broken api ended with code 3; starting it again in 0.02 s" in capfd.readouterr().err


async def test_a_program_that_is_not_there_is_tried_again(scene: Scene, capfd: pytest.CaptureFixture[str]) -> None:
    command = Command(("/no/such/program",), scene.folder, scene.folder / "log", {})
    program = scene.program("missing")
    scene.supervisor.start([Program("missing", "api", 1, Stage.TOOL, lambda: command, program.is_ready)])
    said: list[str] = []
    await scene.until(lambda: said.append(capfd.readouterr().err) or "in 0.02 s" in "".join(said), "a second try")
    assert "missing api could not be started" in "".join(said)


async def test_what_does_not_answer_is_named(scene: Scene) -> None:
    healthy, broken = scene.program("healthy"), scene.program("broken", DIES)
    scene.supervisor.start([healthy, broken])
    await scene.until(lambda: "healthy started" in scene.diary, "the healthy one")
    assert await scene.supervisor.not_ready_after([healthy, broken], 0.05) == [broken]


@pytest.fixture
def endless_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is killed for being slow to stop."""
    monkeypatch.setattr(supervisor, "PATIENCE", dict.fromkeys(Stage, 120.0))


@pytest.mark.usefixtures("endless_patience")
async def test_all_stop_with_the_gateway_first_and_the_servers_last(scene: Scene) -> None:
    stages = {"server": Stage.SERVER, "tool": Stage.TOOL, "booking": Stage.SERVICE, "gateway": Stage.GATEWAY}
    await scene.start(*(scene.program(name, stage=stage) for name, stage in stages.items()))
    await scene.supervisor.stop()
    stopped = [line for line in scene.diary if "stopped" in line]
    assert stopped == ["gateway stopped", "booking stopped", "tool stopped", "server stopped"]


async def test_what_does_not_listen_is_killed(scene: Scene) -> None:
    await scene.start(scene.program("deaf", IGNORES_SIGTERM, Stage.TOOL))
    pid = scene.supervisor.pid("deaf", "api")
    assert pid is not None
    await scene.supervisor.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.usefixtures("endless_patience")
async def test_nothing_is_started_again_once_it_stops(scene: Scene) -> None:
    await scene.start(scene.program("booking"), scene.program("broken", RUNS_UNTIL_TOLD))
    await asyncio.gather(scene.supervisor.stop(), scene.supervisor.stop())
    assert sorted(line for line in scene.diary if "started" in line) == ["booking started", "broken started"]
    assert {"booking stopped", "broken stopped"} <= set(scene.diary)


@pytest.mark.parametrize(
    ("pause", "lived", "expected"),
    [(0, 0, 1), (1, 5, 2), (2, 5, 4), (16, 5, 30), (30, 9, 30), (30, 10, 1), (4, 3600, 1)],
)
def test_pauses_grow_to_half_a_minute_and_are_forgiven_after_ten_seconds_of_life(
    pause: float, lived: float, expected: float
) -> None:
    assert Pauses().after(pause, lived) == expected


def test_output_is_appended_to_the_log(tmp_path: Path) -> None:
    from shared.testing.servers.process import spawn

    log = tmp_path / "log"
    for number in (1, 2):
        spawn(Command((sys.executable, "-c", f"print({json.dumps(number)})"), tmp_path, log, {})).wait()
    assert log.read_text() == "1\n2\n"
