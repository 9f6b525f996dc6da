"""Operators back up and put back by the command line, and what was put back goes to work."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
from shared.testing.servers.postgres_files import binary
from shared.testing.service import PUBLIC_KEYS
from shared.testing.waiting import wait_until

from .conftest import HERE, PATIENCE, Probe

BIN = str(binary("pg_dump").parent)
READY = (200, {"database": "ok", "schema": "ok"})


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HERE / "probe_service.py"), "db", *arguments]
    given = {"DEBUG": "true", "IDENTITY_PUBLIC_KEYS": PUBLIC_KEYS, "POSTGRES_BIN": BIN, **environment}
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_a_service_goes_to_work_on_what_was_restored(
    probe: Probe, database_factory: Callable[..., str], rabbitmq_url: str, tmp_path: Path
) -> None:
    probe.query("INSERT INTO effects (key) VALUES ('kept')")
    folder = {"BACKUP_DIR": str(tmp_path / "backups")}
    made = run("backup", DATABASE_URL=probe.database_url, **folder)
    assert (made.returncode, made.stderr) == (0, "")
    refused = run("restore", "latest", DATABASE_URL=probe.database_url, **folder)
    assert (refused.returncode, "not empty" in refused.stderr) == (1, True)
    empty = database_factory("empty", lambda _: None)
    restored = run("restore", "latest", DATABASE_URL=empty, **folder)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "erasures apply" in restored.stdout
    migrated = run("migrate", DATABASE_URL=empty, RABBITMQ_URL=rabbitmq_url)
    assert "nothing to migrate" in migrated.stdout
    after = Probe(empty, rabbitmq_url, tmp_path)
    try:
        api = after.start("api")
        wait_until(lambda: api.health() == READY, PATIENCE, "readiness")
        assert after.query("SELECT key FROM effects") == [("kept",)]
    finally:
        after.kill_all()


def test_a_backup_that_was_killed_looks_like_none(probe: Probe, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    environment = {"DATABASE_URL": probe.database_url, "BACKUP_DIR": str(folder), "POSTGRES_BIN": BIN}
    command = [sys.executable, str(HERE / "probe_service.py"), "db", "backup"]
    with psycopg.connect(probe.database_url) as connection:
        connection.execute("LOCK TABLE effects IN ACCESS EXCLUSIVE MODE")
        killed = subprocess.Popen(command, env={"DEBUG": "true", "IDENTITY_PUBLIC_KEYS": PUBLIC_KEYS, **environment})
        wait_until(lambda: list(folder.glob(".booking-*.dump")), PATIENCE, "the draft")
        killed.kill()
        killed.wait()
    assert list(folder.glob("booking-*.dump")) == []
    assert run("backup", **environment).returncode == 0
    assert len(list(folder.glob("booking-*.dump"))) == 1
    assert list(folder.glob(".booking-*.dump")) == []


def test_without_a_place_for_backups_a_sentence_says_so() -> None:
    failed = run("backup", DATABASE_URL="postgresql://127.0.0.1:9/none")
    assert (failed.returncode, failed.stderr) == (1, "BACKUP_DIR is not set, so there is no place for backups.\n")


def test_a_worker_backs_up_and_one_told_to_stop_meanwhile_leaves_no_half_of_a_backup(
    probe: Probe, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    with psycopg.connect(probe.database_url) as connection:
        connection.execute("LOCK TABLE effects IN ACCESS EXCLUSIVE MODE")
        worker = probe.start("worker", BACKUP_DIR=str(folder), POSTGRES_BIN=BIN)
        wait_until(lambda: list(folder.glob(".booking-*.dump")), PATIENCE, "the draft")
        worker.terminate()
        assert worker.exit_code() == 0
        assert list(folder.glob(".booking-*.dump")) == []
    probe.query("UPDATE heartbeats SET last_started_at = NULL WHERE name = 'backup'")
    probe.start("worker", BACKUP_DIR=str(folder), POSTGRES_BIN=BIN)
    probe.until("SELECT 1 FROM heartbeats WHERE name = 'backup' AND last_success_at IS NOT NULL")
    assert len(list(folder.glob("booking-*.dump"))) == 1
