"""What follows a charge or a refund by itself a moment later: disputes, failed refunds, slow payments."""

import asyncio
import math
import time
from collections.abc import Callable

from . import confirming, disputes, refunds
from .store import Store
from .work import Work

_ACTIONS: dict[str, Callable[[Work, str], object]] = {
    "dispute": disputes.open_for,
    "settle": confirming.settle_as_card_does,
    "fail_refund": refunds.fail,
    "finish_refund": refunds.finish,
}


class Consequences:
    """Carries out what is due, each in a transaction of its own, also after a restart."""

    def __init__(self, store: Store, open_work: Callable[[], Work], after_each: Callable[[], None]) -> None:
        self._store = store
        self._open_work = open_work
        self._after_each = after_each
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look again when the next one is due: one may have been added."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            self.carry_out(until=time.time())
            next_due = self._store.value("SELECT MIN(due_at) FROM consequences")
            timeout = None if next_due is None or math.isinf(next_due) else max(0.0, next_due - time.time())
            try:
                async with asyncio.timeout(timeout):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def carry_out(self, until: float) -> int:
        """Everything due by then (Unix seconds; infinity for all that waits); the number of consequences."""
        due = self._store.rows("SELECT id, action, subject FROM consequences WHERE due_at <= ? ORDER BY id", until)
        for row_id, action, subject in due:
            with self._store.transaction():
                self._store.execute("DELETE FROM consequences WHERE id = ?", row_id)
                _ACTIONS[action](self._open_work(), subject)
            self._after_each()
        return len(due)
