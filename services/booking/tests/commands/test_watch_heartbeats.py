from datetime import timedelta

from booking.commands.alerts import KeepAlert
from booking.commands.watch_heartbeats import NoteTroubles
from shared.contracts.booking import AlertCleared, AlertRaised
from shared.db.tables import heartbeats, parked_messages
from shared.ids import new_id
from shared.testing.service import RunningService

from ..factories import NOW
from ..other_services import OtherServices

RECONCILE = {"heartbeat:payments:reconcile": "“reconcile” of payments has not run for too long."}


async def looked(service: RunningService, found: dict[str, str], *unknown: str) -> tuple[int, int]:
    """How many alerts were raised and cleared so far, each of which has come back as an event."""
    await service.commands.execute(NoteTroubles(found, frozenset(unknown)))
    raised, cleared = await service.events(AlertRaised), await service.events(AlertCleared)
    for alert in (*raised, *cleared):
        await service.receive(alert)
    return len(raised), len(cleared)


async def test_a_missed_beat_is_told_once_and_cleared_when_it_is_back(service: RunningService) -> None:
    assert await looked(service, RECONCILE) == (1, 0)
    assert await looked(service, RECONCILE) == (1, 0)
    assert await looked(service, {}) == (1, 1)
    assert await looked(service, RECONCILE) == (2, 1)


async def test_nothing_is_cleared_while_the_service_is_silent(service: RunningService) -> None:
    await looked(service, RECONCILE)
    assert await looked(service, {}, "heartbeat:payments") == (1, 0)


async def test_an_alert_that_staff_did_not_clear_survives_unrelated_ones(service: RunningService) -> None:
    other = AlertRaised(alert_id=new_id(), key="refund-failed:1", message="Look.")
    await service.commands.execute(KeepAlert(other))
    assert await looked(service, {}) == (0, 0)


async def test_the_job_finds_own_stopped_jobs_and_services_that_do_not_answer(service: RunningService) -> None:
    long_ago = NOW - timedelta(days=49)
    await service.put(heartbeats, name="expire-unpaid", kind="job", every_seconds=30, last_success_at=long_ago)
    for _ in range(3):
        await service.run_job("watch-heartbeats")
    keys = {alert.key for alert in await service.events(AlertRaised) if isinstance(alert, AlertRaised)}
    others = {f"heartbeat:{name}:answer" for name in ("catalog", "payments", "customers", "notifications")}
    assert keys == {"heartbeat:booking:expire-unpaid", *others}


async def test_what_is_parked_is_told_once_for_each_service_until_it_is_gone(
    service: RunningService, others: OtherServices
) -> None:
    others.parked = {"messages": 1, "events": 0}
    row = {"fingerprint": "f", "event_id": "1", "type": "t", "body": b"", "headers": {}, "error": "bad", "attempts": 1}
    await service.put(parked_messages, id=new_id(), first_seen_at=NOW, last_seen_at=NOW, **row)
    for _ in range(2):
        await service.run_job("watch-heartbeats")
        for alert in await service.events(AlertRaised):
            await service.receive(alert)
    raised = [alert.key for alert in await service.events(AlertRaised) if isinstance(alert, AlertRaised)]
    assert sorted(raised) == ["parked:booking", "parked:catalog", "parked:payments"]
    others.parked = None
    await service.run_job("watch-heartbeats")
    assert await service.events(AlertCleared) == []
    others.parked = {"messages": 0, "events": 0}
    await service.run_job("watch-heartbeats")
    cleared = [alert.key for alert in await service.events(AlertCleared) if isinstance(alert, AlertCleared)]
    assert sorted(cleared) == ["parked:catalog", "parked:payments"]
