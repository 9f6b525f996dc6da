"""Customers' part of the proof that operators see."""

from datetime import timedelta

from customers.queries.erasures import SERVICES
from shared.contracts.customers import ErasureReported
from shared.ids import new_id
from shared.testing.service import MovableClock, RunningService, a_staff_member

from .test_erasure import a_person, erase

OPERATOR = a_staff_member("manage_operations")


async def reported(service: RunningService) -> dict[str, int]:
    async with service.as_caller(OPERATOR) as client:
        answer = await client.get("/operations/invariants/")
    return next(check["figures"] for check in answer.json()["checks"] if check["name"] == "erasures_reported")


async def test_an_erasure_that_some_service_owes_for_an_hour_is_wrong(
    service: RunningService, clock: MovableClock
) -> None:
    me = await a_person(service)
    await erase(service, me)
    assert await reported(service) == {"erasures": 1, "wrong": 0}
    clock.now += timedelta(hours=2)
    assert await reported(service) == {"erasures": 1, "wrong": 1}
    for name in SERVICES - {"customers"}:
        await service.receive(ErasureReported(report_id=new_id(), customer_id=me.id, service=name))
    assert await reported(service) == {"erasures": 1, "wrong": 0}
