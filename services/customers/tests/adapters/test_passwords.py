import asyncio
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from customers.adapters.passwords import WAITING_PER_THREAD, Passwords
from shared.errors import Unavailable

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    passwords = Passwords(threads=2)
    await passwords.start()
    yield passwords
    await passwords.stop()


async def test_a_password_is_hashed_with_argon2id_at_the_agreed_cost(passwords: Passwords) -> None:
    used = extract_parameters(await passwords.hash("seven blue whales"))
    assert (used.type.name, used.memory_cost, used.time_cost, used.parallelism) == ("ID", 19 * 1024, 2, 1)


async def test_only_the_right_password_is_right(passwords: Passwords) -> None:
    hashed = await passwords.hash("seven blue whales")
    assert await passwords.verify(hashed, "seven blue whales")
    assert not await passwords.verify(hashed, "seven blue whale")


async def test_nobody_has_a_password_not_even_the_one_compared_with(passwords: Passwords) -> None:
    for no_hash in (None, ""):
        assert not await passwords.verify(no_hash, "nobody has this password")


async def test_a_hash_of_other_parameters_is_outdated(passwords: Passwords) -> None:
    assert passwords.is_outdated(QUICK.hash("seven blue whales"))
    assert not passwords.is_outdated(await passwords.hash("seven blue whales"))


async def test_what_is_no_hash_fits_no_password(passwords: Passwords) -> None:
    assert not await passwords.verify("!", "!")


async def test_a_crowd_is_sent_away_instead_of_waiting_for_ever() -> None:
    passwords = Passwords(threads=1, hasher=QUICK)
    tries = [passwords.hash("seven blue whales") for _ in range(WAITING_PER_THREAD + 11)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Unavailable) for result in results) == 10
    assert await passwords.verify(await passwords.hash("again"), "again")
    await passwords.stop()
