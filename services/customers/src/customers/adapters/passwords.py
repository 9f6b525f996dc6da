"""Argon2id in a few threads of its own: it must hold up neither the event loop nor a database connection."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from shared.errors import Unavailable

T = TypeVar("T")

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
WAITING_PER_THREAD = 128
"""A few seconds of work. Whoever comes when that many wait is told to come again, before the gateway gives up."""


class Passwords:
    """Hashes and verifies passwords; `hasher` may have other parameters than today's."""

    def __init__(self, threads: int, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._places = threads * (WAITING_PER_THREAD + 1)
        self._taken = 0
        self._nobodys = ""

    async def start(self) -> None:
        """Makes the hash that the passwords of unknown accounts are compared with."""
        self._nobodys = await self.hash("nobody has this password")

    async def stop(self) -> None:
        """Ends the threads."""
        self._executor.shutdown(wait=False)

    async def hash(self, password: str) -> str:
        """The hash to store; raises `Unavailable` when too many wait already."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; without a hash it takes the same time and is wrong.

        Raises `Unavailable` when too many wait already.
        """
        right = await self._run(lambda: self._is_right(password_hash or self._nobodys, password))
        return right and bool(password_hash)

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _is_right(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._taken >= self._places:
            raise Unavailable(retry_after=2)
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._taken -= 1
