"""Keeps programs alive: starts what dies again, with growing pauses, and stops all in good order."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shared.testing.servers import ServerFailed
from shared.testing.servers.process import spawn
from shared.testing.waiting import NeverHappened, wait_until_async

from devstack.folder import report
from devstack.program import PATIENCE, Program, Stage


@dataclass(frozen=True)
class Pauses:
    """Seconds between a death and the next start: doubled each time, back to the first after a long enough life.

    Long enough is what Docker takes for it, ten seconds: who dies at every start is spared the machine, and who was
    well and is killed comes back at once.
    """

    first: float = 1.0
    longest: float = 30.0
    forgiven_after: float = 10.0

    def after(self, pause: float, lived: float) -> float:
        """The pause to make now: `pause` was the one before (0 if none), `lived` the life since, in seconds."""
        if pause == 0 or lived >= self.forgiven_after:
            return self.first
        return min(pause * 2, self.longest)


class Keeper:
    """Keeps one program alive."""

    def __init__(self, program: Program, pauses: Pauses, changed: Callable[[], None], waiters: ThreadPoolExecutor):
        """`changed` is called whenever the program's pid is another; `waiters` has a thread free for it."""
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._pauses = pauses
        self._changed = changed
        self._waiters = waiters
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Its process id, None while it is down."""
        return self.process.pid if self.process else None

    async def run(self) -> None:
        """Start it, and again whenever it ends, until `stop`."""
        pause = 0.0
        while not self._stopping.is_set():
            started = time.monotonic()
            outcome = await self._live()
            if self._stopping.is_set():
                return
            pause = self._pauses.after(pause, time.monotonic() - started)
            report(f"{self.program.title} {outcome}; starting it again in {pause:g} s")
            await self._rest(pause)

    async def stop(self, patience: float) -> None:
        """Ask it to end, wait `patience` seconds, then kill it."""
        self.leave_alone()
        process = self.process
        if process is None:
            return
        process.send_signal(self.program.command().stop_signal)
        try:
            await asyncio.wait_for(self._end_of(process), patience)
        except TimeoutError:
            if self.program.stage is not Stage.SERVER:
                report(f"{self.program.title} did not stop in {patience:g} s; killing it")
            process.send_signal(signal.SIGKILL)
            await self._end_of(process)

    def leave_alone(self) -> None:
        """Do not start it again."""
        self._stopping.set()

    async def _live(self) -> str:
        try:
            self.program.prepare()
            # In this thread, which lives as long as the supervisor: the program dies with the thread that started it.
            self.process = spawn(self.program.command())
        except (OSError, ServerFailed) as reason:
            return f"could not be started ({reason})"
        self._changed()
        code = await self._end_of(self.process)
        self.process = None
        self._changed()
        return f"ended with code {code}"

    async def _end_of(self, process: subprocess.Popen[bytes]) -> int:
        return await asyncio.get_running_loop().run_in_executor(self._waiters, process.wait)

    async def _rest(self, pause: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), pause)
        except TimeoutError:
            return


class Supervisor:
    """Keeps a table of programs alive; `changed` is called at each start and each end of one."""

    def __init__(self, changed: Callable[[], None] = lambda: None, pauses: Pauses | None = None) -> None:
        """Nothing runs yet."""
        self._changed = changed
        self._pauses = pauses or Pauses()
        self._keepers: dict[Program, Keeper] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._waiters = ThreadPoolExecutor(max_workers=100, thread_name_prefix="wait")

    def start(self, programs: Iterable[Program]) -> None:
        """Keep these alive from now on."""
        for program in programs:
            keeper = Keeper(program, self._pauses, self._changed, self._waiters)
            self._keepers[program] = keeper
            self._tasks.append(asyncio.create_task(keeper.run(), name=program.title))

    def pid(self, name: str, role: str) -> int | None:
        """The process id of a program, None while it is down or unknown."""
        pids = (keeper.pid for p, keeper in self._keepers.items() if (p.name, p.role) == (name, role))
        return next(pids, None)

    async def not_ready_after(self, programs: Iterable[Program], timeout: float) -> list[Program]:
        """Wait until all are ready, at most `timeout` seconds; returns those that are not."""
        programs = list(programs)
        answers = await asyncio.gather(*(self._is_ready_within(program, timeout) for program in programs))
        return [program for program, ready in zip(programs, answers, strict=True) if not ready]

    async def stop(self) -> None:
        """Stop all, one stage after another, each within its patience."""
        for keeper in self._keepers.values():
            keeper.leave_alone()
        for stage in Stage:
            members = [keeper for program, keeper in self._keepers.items() if program.stage is stage]
            await asyncio.gather(*(keeper.stop(PATIENCE[stage]) for keeper in members))
        await asyncio.gather(*self._tasks)
        self._waiters.shutdown()

    async def _is_ready_within(self, program: Program, timeout: float) -> bool:
        async def is_ready() -> bool:
            return self._keepers[program].pid is not None and await program.is_ready()

        try:
            return await wait_until_async(is_ready, timeout, f"{program.title} to be ready")
        except NeverHappened:
            return False
