"""The whole system, started by the launcher: its description stays true whatever dies, and its data stays."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import psycopg
import pytest
from devstack import SERVICES
from devstack.testing import RunningStack
from shared.testing.waiting import wait_until

COMES_BACK_WITHIN = 150


@pytest.fixture(scope="module")
def running(servers_folder: Path) -> Iterator[RunningStack]:
    stack = RunningStack(servers_folder / "stack").start()
    yield stack
    stack.stop()


def answers(port: int, path: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def all_pids(stack: RunningStack) -> list[int]:
    parts = [*stack.stack["processes"], *stack.stack["infrastructure"].values()]
    return [part["pid"] for part in parts]


def killed(stack: RunningStack, name: str, role: str = "api") -> int:
    pid = stack.pid(name, role)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def wait_for_another(stack: RunningStack, name: str, role: str, pid: int) -> None:
    back = wait_until(lambda: stack.pid(name, role) not in (pid, None), COMES_BACK_WITHIN, f"another {name} {role}")
    assert back


def test_every_process_is_described_and_alive(running: RunningStack) -> None:
    expected = {(service, role) for service in SERVICES for role in ("api", "worker")}
    described = {(process["name"], process["role"]) for process in running.stack["processes"]}
    assert described == expected | {("gateway", "api"), ("stripe_sandbox", "api"), ("mailbox", "api")}
    assert all(psutil.pid_exists(pid) for pid in all_pids(running))
    assert running.stack["supervisor_pid"] != os.getpid()


def test_every_process_writes_its_own_log(running: RunningStack) -> None:
    logs = [Path(process["log"]) for process in running.stack["processes"]]
    assert len(set(logs)) == len(logs)
    assert all(log.exists() for log in logs)


def test_the_gateway_answers_where_the_description_says(running: RunningStack) -> None:
    with urlopen(f"{running.stack['gateway_url']}/api/health/", timeout=60) as answer:
        assert answer.status == 200


def test_operators_commands_work_on_what_runs(running: RunningStack) -> None:
    command = (sys.executable, "-m", "devstack", "tool", "booking", "outbox", "status")
    environment = {**os.environ, "RUN_DIR": str(running.folder)}
    shown = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert json.loads(shown.stdout)["parked"] == 0


def test_each_service_has_a_database_of_its_own(running: RunningStack) -> None:
    assert set(running.stack["databases"]) == set(SERVICES)
    for service, url in running.stack["databases"].items():
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_user, current_database()").fetchone() == (service, service)


def test_a_killed_process_comes_back_and_the_description_follows(running: RunningStack) -> None:
    ports = {(process["name"], process["role"]): process["port"] for process in running.stack["processes"]}
    wait_for_another(running, "catalog", "api", killed(running, "catalog"))
    wait_until(
        lambda: answers(ports["catalog", "api"], "/health/ready"), COMES_BACK_WITHIN, "the catalogue to be ready again"
    )


@pytest.mark.parametrize("server", ["postgres", "redis", "rabbitmq"])
def test_a_killed_server_comes_back_at_its_address(running: RunningStack, server: str) -> None:
    address = running.stack["infrastructure"][server]["url"]
    wait_for_another(running, server, "api", killed(running, server))
    assert running.stack["infrastructure"][server]["url"] == address


def test_the_system_is_whole_again_after_all_that(running: RunningStack) -> None:
    for process in running.stack["processes"]:
        path = "/health/live" if process["name"] in ("stripe_sandbox", "mailbox") else "/health/ready"
        wait_until(lambda: answers(process["port"], path), COMES_BACK_WITHIN, f"{process['name']} {process['role']}")  # noqa: B023


def test_a_second_start_keeps_data_addresses_and_logins_and_a_killed_launcher_leaves_nothing_behind(
    running: RunningStack,
) -> None:
    before = running.stack
    wait_until(lambda: makes_table(before["databases"]["booking"]), COMES_BACK_WITHIN, "the database to take a table")
    running.stop()
    assert not (running.folder / "stack.json").exists()
    running.start()
    assert {key: running.stack[key] for key in ("admin", "stripe", "databases", "gateway_url")} == {
        key: before[key] for key in ("admin", "stripe", "databases", "gateway_url")
    }
    with psycopg.connect(running.stack["databases"]["booking"]) as connection:
        connection.execute("SELECT id FROM kept")
    pids = all_pids(running)
    running.kill()
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in pids), 120, "all processes to end")


def makes_table(url: str) -> bool:
    """False while the server, which was killed before, still looks for its last consistent state."""
    try:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (id int)")
    except psycopg.OperationalError:
        return False
    return True


def test_secrets_are_not_readable_by_others(running: RunningStack) -> None:
    for name in ("secrets.json", "postgres/server.json", "rabbitmq/server.json", "rabbitmq/rabbitmq.conf"):
        assert (running.folder / name).stat().st_mode & 0o077 == 0, name
    assert json.loads((running.folder / "secrets.json").read_text())
