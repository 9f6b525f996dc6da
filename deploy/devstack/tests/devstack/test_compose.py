"""docker-compose.yml is held to what the services read, and to what keeps a production machine safe."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aio_pika
import psycopg
import pytest
import yaml
from devstack import SERVICES
from devstack.infrastructure import VHOST, broker_rights
from devstack.keys import GIVEN_OUT, TOKEN_ISSUERS, filled_in, make_key_pair, make_sealing_key
from shared.contracts.subscribers import SUBSCRIBERS
from shared.messaging.topology import declare_service, events_queue
from shared.testing.servers import PostgresServer, RabbitServer
from shared.testing.servers.postgres_files import binary

from . import compose, told

PRIVATE, PUBLIC = make_key_pair().split(" ")
KEYS = [f"{issuer.upper()}_IDENTITY_PRIVATE_KEY" for issuer in TOKEN_ISSUERS]
VALUES = dict.fromkeys(compose.variables(), "0123456789abcdef0123456789abcdef") | {
    **dict.fromkeys(KEYS, PRIVATE),
    "IDENTITY_PUBLIC_KEYS": f"gateway={PUBLIC},booking={PUBLIC},customers={PUBLIC},payments={PUBLIC}",
    "SEALING_KEY": make_sealing_key(),
    "PUBLIC_SITE_URL": "https://totetaxi.example",
    "ALLOWED_HOSTS": "api.totetaxi.example",
    "CORS_ALLOWED_ORIGINS": "https://totetaxi.example",
    "CSRF_TRUSTED_ORIGINS": "",
    "TRUSTED_PROXIES": "",
    "LOG_LEVEL": "INFO",
    "DEFAULT_FROM_EMAIL": "noreply@totetaxi.example",
    "OFFICE_EMAIL": "office@totetaxi.example",
    "AWS_SES_REGION_NAME": "us-east-1",
    "AWS_SES_CONFIGURATION_SET": "",
    "AWS_SNS_REGION_NAME": "us-east-1",
    "AWS_SNS_TOPIC_ARNS": "",
    "AWS_S3_REGION_NAME": "us-east-1",
    "AWS_STORAGE_BUCKET_NAME": "totetaxi-media",
    "COMPANY_NAME": "Tote Taxi LLC",
    "COMPANY_ADDRESS": "1 Bay Ave, New York",
}


def environment(container: str) -> dict[str, str]:
    given = compose.services()[container]["environment"]
    return {name: compose.filled_in(str(value), VALUES) for name, value in given.items()}


@pytest.mark.parametrize("container", sorted(compose.built()))
def test_a_process_is_told_nothing_that_it_does_not_read(container: str) -> None:
    read = told.read_by(compose.owner(compose.services()[container]))
    assert set(environment(container)) - told.OF_LIBRARIES <= read


@pytest.mark.parametrize("container", sorted(compose.built()))
def test_what_a_process_is_told_is_enough_outside_development(container: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in environment(container).items():
        monkeypatch.setenv(name, value)
    settings = told.settings_class(compose.owner(compose.services()[container]))()
    assert settings.model_dump()["debug"] is False


def test_a_new_env_file_leaves_only_what_operators_alone_know() -> None:
    lines = filled_in((compose.ROOT / ".env.example").read_text()).splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(values) == compose.variables()
    made = {name: value for name, value in values.items() if name.endswith(("_SECRET_KEY", "_PASSWORD"))}
    assert {name for name, value in made.items() if not value} == GIVEN_OUT
    passwords = [value for name, value in made.items() if name not in GIVEN_OUT]
    assert all(value.isalnum() and len(value) >= 32 for value in passwords)
    assert len(set(passwords)) == len(passwords) > 15
    assert all(values[name] for name in (*KEYS, "IDENTITY_PUBLIC_KEYS", "SEALING_KEY"))


@pytest.mark.parametrize("container", ["payments-api", "payments-worker"])
def test_receipts_say_whose_they_are(container: str) -> None:
    given = environment(container)
    assert (given["COMPANY_NAME"], given["COMPANY_ADDRESS"]) == ("Tote Taxi LLC", "1 Bay Ave, New York")


@pytest.mark.parametrize("container", sorted(compose.built()))
def test_a_process_is_told_where_its_upstreams_are(container: str) -> None:
    read = told.settings_class(compose.owner(compose.services()[container])).model_fields
    upstreams = {name.upper() for name in read if name.removesuffix("_url") in (*SERVICES, "gateway")}
    given = environment(container)
    assert upstreams <= set(given)
    hosts = {given[name].removeprefix("http://").removesuffix(":8000") for name in upstreams}
    assert hosts <= set(compose.services())


def test_every_service_has_its_three_processes_and_the_gateway_one() -> None:
    expected = {f"{service}-{role}" for service in SERVICES for role in ("migrate", "api", "worker")}
    assert set(compose.built()) == expected | {"gateway"}


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_are_a_job_that_ends_before_the_processes_begin(service: str) -> None:
    job = compose.services()[f"{service}-migrate"]
    assert job["command"] == ["migrate"]
    assert job["restart"] in ("no", "on-failure")
    assert {needed: how["condition"] for needed, how in job["depends_on"].items()} == {
        "postgres": "service_healthy",
        "rabbitmq": "service_healthy",
    }
    for role in ("api", "worker"):
        waits = compose.services()[f"{service}-{role}"]["depends_on"]
        assert waits[f"{service}-migrate"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("service", SERVICES)
def test_a_worker_publishes_nothing_before_all_listeners_have_their_queues(service: str) -> None:
    waits = compose.services()[f"{service}-worker"]["depends_on"]
    done = {needed for needed, how in waits.items() if how["condition"] == "service_completed_successfully"}
    assert done == {f"{listener}-migrate" for listener in SERVICES}


def test_whatever_is_waited_for_has_a_health_check() -> None:
    assert "HEALTHCHECK" in (compose.ROOT / "deploy" / "Dockerfile").read_text()
    waited_for = {
        needed
        for service in compose.services().values()
        for needed, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert waited_for == {"postgres", "rabbitmq", "valkey"}
    assert all("test" in compose.services()[name]["healthcheck"] for name in waited_for)


SECRET_WORDS = ("PASSWORD", "SECRET", "KEY", "AUTH", "TOKEN")


def secrets_of(service: dict[str, Any]) -> Iterator[str]:
    for name, value in service.get("environment", {}).items():
        if any(word in name for word in SECRET_WORDS):
            yield str(value)


@pytest.mark.parametrize("container", sorted(compose.services()))
def test_every_secret_comes_from_outside_and_has_no_default(container: str) -> None:
    for value in secrets_of(compose.services()[container]):
        match = compose.VARIABLE.fullmatch(value)
        assert match is not None, value
        assert match["kind"] == "?"


def test_passwords_within_addresses_and_files_have_no_default_either() -> None:
    found = [match for match in compose.VARIABLE.finditer(compose.text()) if "PASSWORD" in match["name"]]
    assert len(found) > 10
    assert all(match["kind"] == "?" and match["text"] for match in found)


def test_the_example_names_every_variable_and_gives_no_secret_away() -> None:
    lines = (compose.ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(given) == compose.variables()
    regions = {"AWS_SES_REGION_NAME", "AWS_S3_REGION_NAME", "AWS_SNS_REGION_NAME"}
    assert {name for name, value in given.items() if value} == {"GATEWAY_PORT", "LOG_LEVEL", *regions}


def test_only_the_gateway_is_open_to_the_network() -> None:
    published = {name: service["ports"] for name, service in compose.services().items() if "ports" in service}
    open_to_all = {name for name, ports in published.items() if any(not port.startswith("127.") for port in ports)}
    assert open_to_all == {"gateway"}


def test_images_are_of_the_versions_that_are_promised() -> None:
    images = {name: service["image"] for name, service in compose.services().items()}
    assert images["postgres"].startswith("postgres:18")
    assert images["rabbitmq"].startswith("rabbitmq:4")
    assert images["valkey"].startswith("valkey/valkey:9")


@pytest.mark.parametrize("service", SERVICES)
def test_a_worker_has_a_place_for_backups_that_no_other_service_sees(service: str) -> None:
    volume = f"{service}-backups"
    holders = {
        name for name, other in compose.services().items() if any(volume in it for it in other.get("volumes", ()))
    }
    assert holders == {f"{service}-worker"}
    assert compose.services()[f"{service}-worker"]["volumes"] == [
        f"{volume}:{environment(f'{service}-worker')['BACKUP_DIR']}"
    ]
    assert volume in compose.document()["volumes"]


def test_the_image_brings_programs_for_backups_that_are_as_new_as_the_server() -> None:
    dockerfile = (compose.ROOT / "deploy" / "Dockerfile").read_text()
    major = compose.services()["postgres"]["image"].partition(":")[2]
    assert f"postgresql-client-{major}" in dockerfile
    assert f"POSTGRES_BIN=/usr/lib/postgresql/{major}/bin" in dockerfile
    assert " /backups\n" in dockerfile


def test_the_collector_passes_traces_on_to_jaeger() -> None:
    collector = yaml.safe_load((compose.ROOT / "deploy" / "compose" / "otel-collector.yml").read_text())
    assert collector["exporters"]["otlp/jaeger"]["endpoint"].split(":")[0] in compose.services()
    used = {part for line in collector["service"]["pipelines"].values() for kind in line.values() for part in kind}
    assert used <= {*collector["receivers"], *collector["processors"], *collector["exporters"]}


def definitions() -> dict[str, Any]:
    content = compose.document()["configs"]["rabbitmq_definitions"]["content"]
    return dict(json.loads(compose.filled_in(content, VALUES)))


def test_broker_users_have_the_rights_that_development_tries_out() -> None:
    rights = {entry.pop("user"): entry for entry in definitions()["permissions"]}
    rights.pop("administrator")
    assert rights == {service: {"vhost": VHOST, **broker_rights(service)} for service in SERVICES}


async def test_by_its_definitions_the_broker_lets_each_service_make_its_queue(rabbitmq_server: RabbitServer) -> None:
    imported = definitions()
    imported["users"] = [user for user in imported["users"] if user["name"] != "administrator"]
    management = rabbitmq_server.management
    rabbitmq_server.create_vhost(VHOST)
    try:
        management.call("POST", "definitions", imported)
        for service in SERVICES:
            url = rabbitmq_server.url(VHOST, service, VALUES[f"{service.upper()}_BROKER_PASSWORD"])
            async with await aio_pika.connect(url) as connection:
                await declare_service(await connection.channel(), service, SUBSCRIBERS[service])
        made = {queue["name"] for queue in management.call("GET", f"queues/{VHOST}")}
    finally:
        management.delete_vhost(VHOST)
    assert {events_queue(service) for service in SERVICES} <= made


def test_postgres_is_told_what_the_embedded_one_is_told(servers_folder: Path) -> None:
    embedded = PostgresServer(servers_folder / "compared").command().argv
    command = compose.services()["postgres"]["command"]
    told = {word for word in command if "=" in word}
    assert any(word.startswith("deadlock_timeout=") for word in told)
    assert told <= set(embedded)


@pytest.fixture
def fresh_postgres(servers_folder: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(servers_folder / "compose", durable=False).start()
    yield server
    server.stop()


def test_the_script_gives_each_service_a_database_that_only_it_may_enter(fresh_postgres: PostgresServer) -> None:
    passwords = {f"{service.upper()}_DATABASE_PASSWORD": f'{service}\'s \\ "password"' for service in SERVICES}
    connection = {"PGHOST": "127.0.0.1", "PGPORT": str(fresh_postgres.port), "PGPASSWORD": fresh_postgres.password}
    path = {"PATH": f"{binary('psql').parent}:{os.environ['PATH']}", "POSTGRES_USER": "postgres"}
    script = compose.ROOT / "deploy" / "compose" / "create-databases.sh"
    subprocess.run([script], env=passwords | connection | path, check=True, capture_output=True)
    for service in SERVICES:
        login = {"host": "127.0.0.1", "port": fresh_postgres.port, "user": service}
        password = passwords[f"{service.upper()}_DATABASE_PASSWORD"]
        with psycopg.connect(**login, password=password, dbname=service) as own:
            own.execute("CREATE TABLE mine (id int)")
        other = next(name for name in SERVICES if name != service)
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(**login, password=password, dbname=other)
