"""The embedded servers: private, quick to come back after a crash, and with their data."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aio_pika
import psutil
import psycopg
import pytest
from shared.messaging.broker import BROKER_ERRORS
from shared.testing.servers import PostgresServer, RabbitServer, ServerFailed, ValkeyServer, free_port
from shared.testing.servers.install import eatmydata
from shared.testing.servers.ports import answers
from shared.testing.servers.postgres_files import is_deserted
from shared.testing.waiting import NeverHappened, wait_until, wait_until_async


@pytest.fixture
def postgres(servers_folder: Path, request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    server = PostgresServer(servers_folder / request.node.name, durable=False).start()
    yield server
    server.stop()


def test_postgres_survives_a_kill_with_its_data_and_its_port(postgres: PostgresServer) -> None:
    url = postgres.create_role_and_database("booking")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE stops (id int)")
        connection.execute("INSERT INTO stops VALUES (7)")
    postgres.kill()
    postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT id FROM stops").fetchall() == [(7,)]


def test_postgres_starts_again_once_the_last_session_of_the_killed_one_has_ended(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    def look(data: Path) -> bool:
        looks.append(is_deserted(data))
        return looks[-1]

    monkeypatch.setattr("shared.testing.servers.postgres.is_deserted", look)
    session = psycopg.connect(postgres.superuser_url())
    pid = session.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    postgres.kill()
    with ThreadPoolExecutor(1) as aside:
        started = aside.submit(postgres.start)
        wait_until(lambda: looks, what="a look at what is left")
        os.kill(pid, signal.SIGCONT)
        started.result()
    assert not looks[0]
    session.close()


def test_postgres_starts_over_a_pid_file_that_now_names_another_program(postgres: PostgresServer) -> None:
    postgres.kill()
    pid_file = postgres.data / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(pid_file.read_text().split("\n")[0], str(os.getpid()), 1))
    postgres.start()
    assert postgres.is_ready()


def test_another_object_on_the_same_folder_finds_port_and_data_again(postgres: PostgresServer) -> None:
    url = postgres.create_role_and_database("booking")
    postgres.stop()
    second = PostgresServer(postgres.folder, durable=False).start()
    try:
        psycopg.connect(url).close()
    finally:
        second.stop()


def test_a_role_may_enter_its_own_database_only(postgres_server: PostgresServer) -> None:
    mine = postgres_server.create_role_and_database("mine")
    postgres_server.create_role_and_database("theirs")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(mine.removesuffix("mine") + "theirs")


def test_a_password_is_needed(postgres_server: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres_server.superuser_url().replace(postgres_server.password, "wrong"))


def test_a_server_that_cannot_start_says_why(servers_folder: Path) -> None:
    first = ValkeyServer(servers_folder / "first").start()
    second = ValkeyServer(servers_folder / "second", port=first.port)
    try:
        with pytest.raises(ServerFailed, match="Address already in use"):
            second.start()
    finally:
        first.stop()


def test_valkey_keeps_what_was_written_before_a_kill(servers_folder: Path) -> None:
    server = ValkeyServer(servers_folder / "kept", durable=False).start()
    server.ask("SET crew three")
    server.kill()
    server.start()
    assert b"three" in server.ask("GET crew")
    server.stop()


async def test_rabbitmq_survives_a_kill_with_its_quorum_queue(servers_folder: Path) -> None:
    server = RabbitServer(servers_folder / "killed", durable=False).start()
    url = server.create_vhost("moves")
    await publish(url, b"a booking")
    wait_until(server.quorum_queues_are_on_disk, what="the queue's place in the node's register")
    server.kill()
    server.start()
    assert await wait_until_async(lambda: receive(url), what="the message") == b"a booking"
    server.kill()


def test_a_server_that_is_not_durable_does_not_wait_for_the_disk(
    postgres_server: PostgresServer, rabbitmq_server: RabbitServer, valkey_server: ValkeyServer
) -> None:
    with psycopg.connect(postgres_server.superuser_url()) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    assert b"\r\nno\r\n" in valkey_server.ask("CONFIG GET appendfsync")
    if eatmydata() is None:
        pytest.skip("There is no eatmydata for this machine.")
    assert "libeatmydata" in Path(f"/proc/{rabbitmq_server.pid}/maps").read_text()


async def publish(url: str, body: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.declare_queue("events", durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, "events")


async def receive(url: str) -> bytes | None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        try:
            queue = await channel.declare_queue("events", passive=True)
            message = await queue.get(no_ack=True, fail=False, timeout=1)
        except BROKER_ERRORS:  # The queue still elects its leader.
            return None
        return message.body if message else None


STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
from shared.testing.servers import PostgresServer, ValkeyServer
folder = Path(sys.argv[1])
servers = [PostgresServer(folder / "p", durable=False).start(), ValkeyServer(folder / "v", durable=False).start()]
print(*(server.pid for server in servers), flush=True)
time.sleep(600)
"""


def test_a_killed_test_run_leaves_no_servers_behind(servers_folder: Path) -> None:
    argv = [sys.executable, "-c", STARTS_AND_WAITS, str(servers_folder / "orphans")]
    (servers_folder / "orphans").mkdir()
    run = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    pids = [int(pid) for pid in run.stdout.readline().split()]
    assert all(psutil.pid_exists(pid) for pid in pids)
    assert len(pids) == 2
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    wait_until(lambda: not any(map(runs, pids)), what="the servers to end")


def runs(pid: int) -> bool:
    """Whether a process works; one that ended, but that nobody has taken notice of, does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(NeverHappened, match="the van"):
        wait_until(lambda: False, timeout=0.01, what="the van")


async def test_waiting_lets_others_work() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, done.set)

    async def is_done() -> bool:
        return done.is_set()

    assert await wait_until_async(is_done)


def test_a_free_port_is_outside_the_range_of_outgoing_connections() -> None:
    assert all(20_000 <= free_port() <= 32_000 for _ in range(20))


def test_a_free_port_is_given_once_and_waits_for_its_server(
    servers_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = free_port()
    drawn = iter([first, first, free_port() + 1, *range(20_000, 32_000)])
    monkeypatch.setattr(random, "randint", lambda *_: next(drawn))
    assert free_port() != first
    theirs = [sys.executable, "-c", f"import socket; socket.socket().bind(('127.0.0.1', {first}))"]
    assert b"in use" in subprocess.run(theirs, stderr=subprocess.PIPE).stderr
    assert not answers(first)
    server = ValkeyServer(servers_folder / "waited-for", port=first, durable=False).start()
    server.stop()
