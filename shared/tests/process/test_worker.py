"""Processes start, tell of their health, and stop in order whatever they are doing."""

from shared.testing.waiting import wait_until

from .conftest import PATIENCE, Probe

HELD = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()
"""
LEAVES_WITHIN_SECONDS = 10
READY = (200, {"database": "ok", "schema": "ok"})
LIVE = (200, {"process": "ok"})
UNFIT = (503, {"database": "ok", "schema": "RuntimeError"})


def test_a_worker_told_to_stop_finishes_the_message_in_hand(probe: Probe) -> None:
    probe.start("api")
    worker = probe.start("worker")
    with probe.holding():
        probe.post("/api/alerts/", {"key": "slow"})
        probe.until(HELD)
        worker.terminate()
        wait_until(lambda: not worker.serves(), PATIENCE, "the worker to be told")
    assert worker.exit_code(LEAVES_WITHIN_SECONDS) == 0
    assert probe.query("SELECT key FROM effects") == [("slow",)]
    again = probe.start("worker")
    probe.post("/api/alerts/", {"key": "after"})
    probe.until("SELECT 1 FROM effects WHERE key = 'after'")
    assert probe.query("SELECT count(*) FROM inbox") == [(2,)]
    assert not [entry for entry in again.log() if entry["message"] == "message failed"]


def test_an_api_told_to_stop_ends_with_zero(probe: Probe) -> None:
    api = probe.start("api")
    api.terminate()
    assert api.exit_code(LEAVES_WITHIN_SECONDS) == 0


def test_a_loop_that_dies_ends_the_worker_for_its_supervisor(probe: Probe) -> None:
    worker = probe.start("worker", wait=False, DYING="true")
    assert worker.exit_code() == 1
    assert any("this loop is over" in entry.get("exception", "") for entry in worker.log())


def test_a_worker_that_is_killed_repeats_its_message_without_a_second_effect(probe: Probe) -> None:
    probe.start("api")
    worker = probe.start("worker")
    with probe.holding():
        for key in ("slow-1", "slow-2", "quick"):
            probe.post("/api/alerts/", {"key": key})
        probe.until(HELD)
        worker.kill()
    probe.start("worker")
    probe.until("SELECT 1 FROM effects HAVING count(*) = 3")
    assert probe.query("SELECT count(*) FROM parked_messages") == [(0,)]


def test_processes_are_ready_only_with_the_schema_of_their_code(probe: Probe) -> None:
    processes = [probe.start("api"), probe.start("worker")]
    wait_until(lambda: [process.health() for process in processes] == [READY] * 2, PATIENCE, "readiness")
    probe.query("UPDATE alembic_version SET version_num = 'newer'")
    assert [process.health() for process in processes] == [READY] * 2
    probe.query("DELETE FROM alembic_version")
    wait_until(lambda: [process.health() for process in processes] == [UNFIT] * 2, PATIENCE, "its end")
    wait_until(lambda: [process.health("live") for process in processes] == [LIVE] * 2, PATIENCE, "signs of life")


def test_a_worker_without_its_broker_lives_and_goes_on_when_it_is_back(probe: Probe) -> None:
    worker = probe.start("worker", RABBITMQ_URL="amqp://nobody:nothing@127.0.0.1:9/")
    wait_until(lambda: len([entry for entry in worker.log() if "interrupted" in entry["message"]]) > 2, PATIENCE)
    wait_until(worker.is_live, PATIENCE, "a sign of life")
    worker.terminate()
    assert worker.exit_code(LEAVES_WITHIN_SECONDS) == 0
