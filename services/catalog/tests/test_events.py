from catalog.events import EVENT_HANDLERS
from shared.contracts.subscribers import SUBSCRIBERS


def test_each_event_that_reaches_the_catalogue_has_a_handler() -> None:
    assert set(EVENT_HANDLERS) == set(SUBSCRIBERS["catalog"])
