from catalog.service import SERVICE
from shared.contracts.subscribers import SUBSCRIBERS
from shared.testing.service import RunningService


async def test_it_handles_the_events_that_its_queue_is_bound_to(service: RunningService) -> None:
    assert set(service.parts.event_handlers) == set(SUBSCRIBERS[SERVICE.name])
