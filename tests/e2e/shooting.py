"""Fires many requests at the gateway and keeps what was wrong with the answers."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from .callers import GUEST, SEVERAL, Answer, Caller, Sender
from .document import Document
from .judging import complaints_of, names_field
from .valid_requests import Things

MOST_TOLD = 25
TRIES = 4

Shot = Callable[[], Awaitable[str | None]]


class Range:
    """Fires at the gateway and keeps what was wrong with the answers."""

    def __init__(self, sender: Sender, document: Document, things: Things) -> None:
        self.sender = sender
        self.document = document
        self.things = things
        self._shots: list[Shot] = []

    def others(self, entitled: Caller) -> list[Caller]:
        return [who for who in (GUEST, self.things.customer, self.things.admin) if who != entitled]

    def aim(self, label: str, send: Callable[[], Awaitable[Answer]], field: str | None = None) -> None:
        """Plans a request; with a `field` its answer must be a failed validation that names it."""

        async def shoot() -> str | None:
            answer = await _patiently(send)
            found = complaints_of(answer, self.sender.gateway_url)
            if field is not None and not found and not names_field(answer, field):
                found.append(f"{answer.status} does not name {field}")
            return f"{label}: {'; '.join(found)}: {answer.text[:160]}" if found else None

        self._shots.append(shoot)

    async def fire(self) -> None:
        """Sends all that was planned, several at a time, mixed so that they do not all wait for the same row."""
        assert self._shots
        random.Random(1).shuffle(self._shots)
        gate = asyncio.Semaphore(SEVERAL)

        async def one(shot: Shot) -> str | None:
            async with gate:
                return await shot()

        found = [complaint for complaint in await asyncio.gather(*map(one, self._shots)) if complaint]
        assert not found, f"{len(found)} of {len(self._shots)}:\n" + "\n".join(found[:MOST_TOLD])


async def _patiently(send: Callable[[], Awaitable[Answer]]) -> Answer:
    """Asks again what a busy machine put off; what fails for good fails again."""
    for _ in range(TRIES - 1):
        answer = await send()
        if answer.status != 503:
            return answer
        await asyncio.sleep(int(answer.headers.get("retry-after", 0)))
    return await send()
