from datetime import UTC, datetime, timedelta

import pytest
from notifications.domain.retries import next_attempt

WRITTEN = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (500, 3600)])
def test_pauses_double_up_to_an_hour(attempts: int, seconds: int) -> None:
    now = WRITTEN + timedelta(hours=1)
    assert next_attempt(attempts, WRITTEN, now) == now + timedelta(seconds=seconds)


def test_after_24_hours_nothing_is_tried_again() -> None:
    almost = WRITTEN + timedelta(hours=24) - timedelta(seconds=1)
    assert next_attempt(30, WRITTEN, almost) is not None
    assert next_attempt(30, WRITTEN, almost + timedelta(seconds=1)) is None
