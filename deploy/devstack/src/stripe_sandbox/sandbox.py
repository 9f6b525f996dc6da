"""Everything one sandbox is made of, put together."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .consequences import Consequences
from .controls import check_known, keep_control, load_control, number
from .errors import Json
from .faults import Faults
from .idempotency import IdempotencyKeys
from .settings import Settings
from .store import Store
from .webhooks import Dispatcher, WebhookPolicy
from .work import Work

_SETTLE_SECONDS = 1.0


class Sandbox:
    """The state, the controls and the two loops that work by themselves."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.era = 0
        self.store = Store(settings.data)
        self.keys = IdempotencyKeys(self.store)
        self.consequences = Consequences(self.store, self.open_work, self.wake)
        self._load_controls()
        self.dispatcher = Dispatcher(self.store, self.policy, settings.webhook_secret)

    def _load_controls(self) -> None:
        self.faults = Faults(self.store)
        self.policy = WebhookPolicy.load(self.store, self.settings.webhook_url)
        settling = load_control(self.store, "settling") or {"after_seconds": _SETTLE_SECONDS}
        self.settle_seconds: float | None = settling["after_seconds"]

    def open_work(self, request_id: str | None = None, idempotency_key: str | None = None) -> Work:
        """A view for the transaction that is open; without a request for what the sandbox does by itself."""
        return Work(
            self.store,
            self.policy,
            time.time(),
            self.settings.base_url,
            self.settle_seconds,
            request_id,
            idempotency_key,
        )

    def count(self, method: str, path: str) -> None:
        sql = "INSERT INTO requests VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1"
        self.store.execute(sql, method, path)

    def wake(self) -> None:
        """Something may have been queued: deliveries or consequences."""
        self.dispatcher.wake()
        self.consequences.wake()

    def set_settling(self, given: Json) -> Json:
        """How long consequences wait, in seconds; null holds them until they are told."""
        check_known(given, {"after_seconds"})
        if given.get("after_seconds", 0) is not None:
            number(given, "after_seconds", _SETTLE_SECONDS, highest=86400)
        self.settle_seconds = given.get("after_seconds", _SETTLE_SECONDS)
        keep_control(self.store, "settling", {"after_seconds": self.settle_seconds})
        return {"after_seconds": self.settle_seconds}

    def reset(self) -> None:
        """Forget everything, controls too. Calls under way are cut off without an effect."""
        self.era += 1
        self.keys = IdempotencyKeys(self.store)
        self.store.wipe()
        self._load_controls()
        self.dispatcher.start_over(self.policy)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliveries and consequences go on while the server runs."""
        self.keys.sweep(time.time())
        loops = [asyncio.create_task(self.dispatcher.run()), asyncio.create_task(self.consequences.run())]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            self.store.close()
