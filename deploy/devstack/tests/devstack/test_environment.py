"""Which process gets which settings, and that what the launcher's own environment says wins."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from devstack import SERVICES
from devstack.environment import Environments, Ports
from devstack.folder import RunFolder
from devstack.infrastructure import Addresses, choose_infrastructure
from devstack.processes import ROLES, all_programs, choose_ports
from shared.testing.servers.ports import free_port

ADDRESSES = Addresses(
    databases={name: f"postgresql://{name}" for name in SERVICES},
    brokers={name: f"amqp://{name}" for name in SERVICES},
    redis="redis://valkey",
)


def environments(folder: Path, **outside: str) -> Environments:
    run = RunFolder(folder)
    return Environments(run, outside, choose_ports(run, outside))


def test_each_service_has_its_own_database_broker_login_and_secret(tmp_path: Path) -> None:
    made = environments(tmp_path)
    for name in ("DATABASE_URL", "RABBITMQ_URL", "SECRET_KEY", "PORT"):
        assert len({made.service(service, "api", ADDRESSES)[name] for service in SERVICES}) == len(SERVICES)


def test_each_issuer_of_tokens_holds_a_private_key_of_its_own(tmp_path: Path) -> None:
    made = environments(tmp_path)
    processes = [made.gateway(ADDRESSES), *(made.service(name, "api", ADDRESSES) for name in SERVICES)]
    keys = [process["IDENTITY_PRIVATE_KEY"] for process in processes if "IDENTITY_PRIVATE_KEY" in process]
    assert len(keys) == len(set(keys)) == 4


def test_everybody_can_verify_every_issuers_tokens(tmp_path: Path) -> None:
    keys = environments(tmp_path).service("catalog", "worker", ADDRESSES)["IDENTITY_PUBLIC_KEYS"]
    assert [key.split("=")[0] for key in keys.split(",")] == ["gateway", "booking", "customers", "payments"]


def test_only_those_who_seal_or_open_secrets_hold_the_key_for_it(tmp_path: Path) -> None:
    made = environments(tmp_path)
    keys = {name: made.service(name, "worker", ADDRESSES).get("SEALING_KEY") for name in SERVICES}
    assert {name for name, key in keys.items() if key} == {"booking", "customers", "notifications"}
    assert keys["booking"] == keys["notifications"]


def test_only_payments_knows_stripes_keys(tmp_path: Path) -> None:
    made = environments(tmp_path)
    knowing = {name for name in SERVICES if "STRIPE_SECRET_KEY" in made.service(name, "api", ADDRESSES)}
    assert knowing == {"payments"}


@pytest.mark.parametrize("name", ["STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "BUSINESS_TIMEZONE"])
def test_what_is_given_from_outside_wins(tmp_path: Path, name: str) -> None:
    made = environments(tmp_path, **{name: "from outside"})
    assert made.service("payments", "worker", ADDRESSES)[name] == "from outside"


def test_settings_of_the_gateway_pass_through(tmp_path: Path) -> None:
    made = environments(tmp_path, TRUSTED_PROXIES="10.0.0.0/8", RATE_LIMITS_ENABLED="false")
    gateway = made.gateway(ADDRESSES)
    assert (gateway["TRUSTED_PROXIES"], gateway["RATE_LIMITS_ENABLED"]) == ("10.0.0.0/8", "false")


def test_a_database_or_port_of_the_launcher_reaches_no_process(tmp_path: Path) -> None:
    made = environments(tmp_path, DATABASE_URL="postgresql://elsewhere", PORT="1", SECRET_KEY="x")
    assert "DATABASE_URL" not in made.gateway(ADDRESSES)
    assert made.service("booking", "api", ADDRESSES)["DATABASE_URL"] == "postgresql://booking"
    assert made.service("booking", "api", ADDRESSES)["PORT"] != "1"


def test_the_gateways_port_can_be_chosen(tmp_path: Path) -> None:
    ports = choose_ports(RunFolder(tmp_path), {"GATEWAY_PORT": "8123"})
    assert ports.url("gateway") == "http://127.0.0.1:8123"


CHOOSES_PORTS = """
import sys
from pathlib import Path
from devstack import processes
from devstack.folder import RunFolder
processes.USUAL_GATEWAY_PORT = int(sys.argv[2])
print(processes.choose_ports(RunFolder(Path(sys.argv[1])), {}).of["gateway", "api"], flush=True)
sys.stdin.read()
"""


def test_two_stacks_that_start_at_once_have_two_ports(tmp_path: Path) -> None:
    usual, chosen = str(free_port()), []
    with ExitStack() as ends:
        for name in ("one", "two"):
            command = [sys.executable, "-c", CHOOSES_PORTS, str(tmp_path / name), usual]
            starting = ends.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            assert starting.stdin is not None
            assert starting.stdout is not None
            ends.callback(starting.stdin.close)
            chosen.append(starting.stdout.readline().strip())
    assert chosen[0] == usual
    assert chosen[1] not in ("", usual)


def programs(folder: Path, **outside: str) -> set[tuple[str, str]]:
    run = RunFolder(folder)
    ports = choose_ports(run, outside)
    table = all_programs(run, Environments(run, outside, ports), ADDRESSES, ports)
    return {(program.name, program.role) for program in table}


def test_all_processes_are_in_the_table(tmp_path: Path) -> None:
    services = {(name, role) for name in SERVICES for role in ROLES}
    others = {("gateway", "api"), ("stripe_sandbox", "api"), ("mailbox", "api")}
    assert programs(tmp_path) == services | others


def test_no_sandbox_runs_beside_a_stripe_from_outside(tmp_path: Path) -> None:
    assert ("stripe_sandbox", "api") not in programs(tmp_path, STRIPE_API_BASE="http://127.0.0.1:9")


def test_servers_from_outside_are_not_embedded(tmp_path: Path) -> None:
    outside = {f"{name.upper()}_DATABASE_URL": f"postgresql://{name}" for name in SERVICES}
    outside |= {"RABBITMQ_URL": "amqp://elsewhere", "REDIS_URL": "redis://elsewhere"}
    infrastructure = choose_infrastructure(RunFolder(tmp_path), outside)
    assert infrastructure.servers == []
    assert (infrastructure.rabbitmq_url, infrastructure.redis_url) == ("amqp://elsewhere", "redis://elsewhere")


def test_one_database_from_outside_leaves_the_others_embedded(tmp_path: Path) -> None:
    outside = {"BOOKING_DATABASE_URL": "postgresql://elsewhere"}
    infrastructure = choose_infrastructure(RunFolder(tmp_path), outside)
    assert infrastructure.postgres is not None
    assert infrastructure.given_databases == {"booking": "postgresql://elsewhere"}


def test_an_unknown_process_has_no_address() -> None:
    with pytest.raises(KeyError):
        Ports({}).url("booking")


def test_those_who_keep_or_read_files_share_one_folder(tmp_path: Path) -> None:
    made = environments(tmp_path)
    folders = {name: made.service(name, "worker", ADDRESSES).get("DOCUMENTS_DIR") for name in SERVICES}
    assert {name for name, folder in folders.items() if folder} == {"booking", "payments", "notifications"}
    assert len(set(folders.values()) - {None}) == 1


def test_backups_go_into_the_run_folder_and_are_made_by_the_servers_own_programs(tmp_path: Path) -> None:
    made = environments(tmp_path).service("catalog", "worker", ADDRESSES)
    assert made["BACKUP_DIR"] == str(RunFolder(tmp_path).backups)
    assert (Path(made["POSTGRES_BIN"]) / "pg_dump").is_file()
