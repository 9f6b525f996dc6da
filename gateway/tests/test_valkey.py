"""The client of the session store."""

import asyncio

import pytest
from gateway.valkey import Script, StoreUnavailable, Valkey
from shared.testing.waiting import wait_until_async


@pytest.fixture
async def valkey(redis_url):
    client = Valkey(redis_url)
    yield client
    await client.close()


async def test_many_callers_get_their_own_answers(valkey):
    answers = await asyncio.gather(*(valkey.call("ECHO", str(number)) for number in range(500)))
    assert answers == [str(number).encode() for number in range(500)]


async def test_a_script_that_the_store_has_forgotten_is_sent_again(valkey):
    script = Script("return {KEYS[1], ARGV[1]}")
    await valkey.call("SCRIPT", "FLUSH")
    for _ in range(2):
        assert await valkey.run(script, ["key"], [7]) == [b"key", b"7"]


async def test_a_caller_that_left_shifts_no_answer_to_others(valkey):
    await valkey.call("PING")
    leaving = asyncio.create_task(valkey.call("ECHO", "hers"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await valkey.call("ECHO", "mine") == b"mine"


async def echoed(valkey):
    """What comes back for `quick`, as soon as the store can be asked again."""

    async def ask():
        try:
            return await valkey.call("ECHO", "quick")
        except StoreUnavailable:
            return None

    return await wait_until_async(ask, what="an answer of the store")


async def test_a_slow_answer_is_given_up_on_and_never_taken_for_another(valkey, monkeypatch):
    await valkey.call("PING")
    with monkeypatch.context() as in_a_hurry:
        in_a_hurry.setattr("gateway.valkey.TIMEOUT", 0.25)
        with pytest.raises(StoreUnavailable):
            await valkey.call("BLPOP", "nothing", "0")
    assert await echoed(valkey) == b"quick"


async def test_a_connection_that_was_ended_is_replaced(valkey, redis_url):
    own = await valkey.call("CLIENT", "ID")
    other = Valkey(redis_url)
    assert await other.call("CLIENT", "KILL", "ID", str(own)) == 1
    await other.close()
    assert await echoed(valkey) == b"quick"
    assert await valkey.call("CLIENT", "ID") != own


async def test_what_can_not_be_asked_shifts_no_answer_to_others(valkey):
    assert await valkey.call("PING") == b"PONG"
    with pytest.raises(TypeError):
        await valkey.call("ECHO", object())
    assert await valkey.call("ECHO", "mine") == b"mine"
