"""Lags, computed from what outboxes and inboxes say."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench.events import Recorded, lags_of
from bench.stack import group_of, grouped

START = datetime(2026, 5, 4, 12, tzinfo=UTC)


def after(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


def test_an_event_has_one_lag_for_each_service_that_heard_it():
    event = Recorded(UUID(int=1), "booking.created.v1", START)
    inboxes = [{UUID(int=1): after(40)}, {UUID(int=1): after(70)}, {UUID(int=2): after(5)}]
    assert lags_of([event], inboxes) == {"booking.created.v1": [40.0, 70.0]}


def test_an_event_that_nobody_heard_has_no_lag():
    assert lags_of([Recorded(UUID(int=1), "catalog.published.v1", START)], [{}]) == {}


def test_processes_are_counted_by_group():
    figures = {"booking api": 1.0, "catalog api": 2.0, "booking worker": 4.0, "redis": 8.0, "stripe_sandbox api": 16.0}
    assert grouped(figures) == {"services": 3.0, "workers": 4.0, "valkey": 8.0, "development": 16.0}


def test_the_gateway_and_the_servers_are_groups_of_their_own():
    assert [group_of(title) for title in ("gateway api", "postgres", "rabbitmq")] == ["gateway", "postgres", "rabbitmq"]
