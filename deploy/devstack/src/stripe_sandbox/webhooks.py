"""Webhooks: a durable queue of deliveries, signed as Stripe signs them and tried again until the receiver says 2xx."""

import asyncio
import hashlib
import hmac
import json
import math
import random
import time
from dataclasses import asdict, dataclass
from functools import partial

from .controls import boolean, check_known, keep_control, load_control, number
from .errors import Json, bad_parameter
from .store import Store
from .wire import post

MAX_IN_FLIGHT = 8
_TIMEOUT_SECONDS = 15.0
# The first tries follow within seconds, as a restarting receiver likes it; the last come every three hours for days.
_BACKOFF_SECONDS = (1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, *[10800] * 22)


@dataclass
class WebhookPolicy:
    """How deliveries are disturbed.

    `drop` loses every new event on the way; `paused` holds all; `duplicates` is the number of extra copies of each;
    `shuffle_seconds` gives each copy a random delay up to that; `delay_seconds` a fixed one. `url` None sends nothing.
    """

    url: str | None
    drop: bool = False
    paused: bool = False
    duplicates: int = 0
    shuffle_seconds: float = 0
    delay_seconds: float = 0

    @classmethod
    def load(cls, store: Store, url: str | None) -> "WebhookPolicy":
        policy = cls(url)
        policy.set(load_control(store, "webhooks") or {})
        return policy

    def change(self, store: Store, given: Json) -> None:
        """Take new values, unnamed ones stay; raises ApiError for unknown names and wrong types."""
        check_known(given, set(asdict(self)))
        self.set(given)
        keep_control(store, "webhooks", (load_control(store, "webhooks") or {}) | given)

    def set(self, given: Json) -> None:
        url = given.get("url", self.url)
        if url is not None and not (isinstance(url, str) and url.startswith(("http://", "https://"))):
            raise bad_parameter("url must be an http(s) address or null.", "url")
        self.drop = boolean(given, "drop", self.drop)
        self.paused = boolean(given, "paused", self.paused)
        self.duplicates = int(number(given, "duplicates", self.duplicates, highest=100))
        self.shuffle_seconds = number(given, "shuffle_seconds", self.shuffle_seconds, highest=3600)
        self.delay_seconds = number(given, "delay_seconds", self.delay_seconds, highest=86400)
        self.url = url

    def enqueue(self, store: Store, event_id: str, now: float) -> None:
        """Queue an event's deliveries, in the transaction that made the event."""
        state = "dropped" if self.drop else "waiting" if self.url else "unwanted"
        for _ in range(1 + self.duplicates):
            due = now + self.delay_seconds + random.uniform(0, self.shuffle_seconds)
            store.execute("INSERT INTO deliveries (event_id, due_at, state) VALUES (?, ?, ?)", event_id, due, state)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the `Stripe-Signature` header; `timestamp` in Unix seconds."""
    signed = f"{timestamp}.".encode() + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def _after_try(outcome: str, attempts: int) -> tuple[str, float]:
    """The delivery's state after its try number `attempts` + 1, and the seconds until the next one."""
    if outcome.startswith("2"):
        return "delivered", 0
    if attempts == len(_BACKOFF_SECONDS):
        return "failed", 0
    return "waiting", _BACKOFF_SECONDS[attempts]


class Dispatcher:
    """Sends what is due, a few at a time, and remembers the outcome of each try."""

    def __init__(self, store: Store, policy: WebhookPolicy, secret: str) -> None:
        self._store = store
        self._policy = policy
        self._secret = secret
        self._woken = asyncio.Event()
        self._in_flight: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Look at the queue now: something was added or a control changed."""
        self._woken.set()

    def start_over(self, policy: WebhookPolicy) -> None:
        """Obey another policy, and give up what is on its way."""
        self._policy = policy
        for task in self._in_flight.values():
            task.cancel()
        self.wake()

    async def run(self) -> None:
        """Work until cancelled; what was on its way then is tried again by the next process."""
        try:
            while True:
                self._woken.clear()
                now = time.time()
                self._start_due(now)
                await self._until_next(now)
        finally:
            for task in self._in_flight.values():
                task.cancel()

    def _start_due(self, now: float) -> None:
        free = MAX_IN_FLIGHT - len(self._in_flight)
        if self._policy.paused or not self._policy.url or free <= 0:
            return
        sql = (
            "SELECT id, event_id, attempts FROM deliveries "
            "WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?"
        )
        due = self._store.rows(sql, now, MAX_IN_FLIGHT + free)
        for delivery_id, event_id, attempts in [row for row in due if row[0] not in self._in_flight][:free]:
            task = asyncio.create_task(self._deliver(self._policy.url, delivery_id, event_id, attempts))
            self._in_flight[delivery_id] = task
            # By a callback, since a task that is cancelled before its first step runs no `finally`.
            task.add_done_callback(partial(self._leave, delivery_id))

    async def _until_next(self, now: float) -> None:
        sql = "SELECT MIN(due_at) FROM deliveries WHERE state = 'waiting' AND due_at > ?"
        next_due = self._store.value(sql, now) or math.inf
        timeout = None if math.isinf(next_due) else max(0.0, next_due - time.time())
        try:
            async with asyncio.timeout(timeout):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _deliver(self, url: str, delivery_id: int, event_id: str, attempts: int) -> None:
        outcome = await self._send(url, event_id)
        state, wait = _after_try(outcome, attempts)
        sql = "UPDATE deliveries SET state = ?, due_at = ?, attempts = attempts + 1, outcome = ? WHERE id = ?"
        self._store.execute(sql, state, time.time() + wait, outcome, delivery_id)

    def _leave(self, delivery_id: int, _: "asyncio.Task[None]") -> None:
        del self._in_flight[delivery_id]
        self.wake()

    async def _send(self, url: str, event_id: str) -> str:
        """The receiver's status, or the name of what went wrong on the way."""
        event = self._store.find(event_id)
        body = json.dumps(event).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(self._secret, int(time.time()), body),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                return str(await post(url, headers, body))
        except (OSError, TimeoutError, ValueError) as error:
            return type(error).__name__
