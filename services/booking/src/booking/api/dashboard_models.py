"""The shapes of the dashboard and of alerts, for the OpenAPI document."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from booking.api.models import Dollars


class CountsAnswer(BaseModel):
    """Numbers of bookings made since the day, the week (from Monday) and the month began."""

    today: int
    week: int
    month: int


class PickupsAnswer(BaseModel):
    """Numbers of moves of a day that are not cancelled."""

    today: int
    tomorrow: int


class LoadAnswer(BaseModel):
    """How full a day is with moves of one type."""

    service_type: str
    booked: int
    capacity: int


class TomorrowAnswer(BaseModel):
    """Tomorrow's load against its capacity."""

    date: date
    load: list[LoadAnswer]


class BookingStatsAnswer(BaseModel):
    """How many bookings there are."""

    created: CountsAnswer
    pickups: PickupsAnswer
    by_status: dict[str, int]
    by_service_type: dict[str, int]
    tomorrow: TomorrowAnswer


class RevenueAnswer(BaseModel):
    """What was paid in a span of time, what went back, and the difference."""

    paid_cents: int
    refunded_cents: int
    revenue_cents: int
    revenue_dollars: Dollars


class MetricsAnswer(BaseModel):
    """The money; `outstanding` is the price of all bookings that wait for their payment."""

    today: RevenueAnswer
    week: RevenueAnswer
    month: RevenueAnswer
    outstanding_cents: int
    outstanding_dollars: Dollars


class HappeningAnswer(BaseModel):
    """A booking that changed, a payment or a refund; `amount_cents` only for those who may see money."""

    happened_at: datetime
    kind: Literal["booking", "payment", "refund"]
    booking_id: UUID
    booking_number: str
    status: str
    amount_cents: int | None


class WarningAnswer(BaseModel):
    """Something that needs somebody. `alert_id` is set for those that can be cleared, `count` for those counted.

    `dead_letters`, one for each service, are events that wait for an operator.
    """

    kind: Literal["alert", "unpaid_due", "refunds_failed", "disputes_open", "messages_failed", "dead_letters"]
    severity: Literal["warning", "critical"]
    message: str
    count: int | None = None
    booking_id: UUID | None = None
    alert_id: UUID | None = None
    raised_at: datetime | None = None


class DashboardAnswer(BaseModel):
    """The day at a glance as it was at `generated_at`, a minute ago at most."""

    generated_at: datetime
    booking_stats: BookingStatsAnswer
    revenue_metrics: MetricsAnswer | None
    recent_activity: list[HappeningAnswer]
    alerts: list[WarningAnswer]


class AlertAnswer(BaseModel):
    """An alert; its `id` changes when it is raised again. `cleared_by` is null if its cause ended by itself."""

    id: UUID
    key: str
    severity: Literal["warning", "critical"]
    message: str
    booking_id: UUID | None
    first_raised_at: datetime
    last_raised_at: datetime
    cleared_at: datetime | None
    cleared_by: UUID | None


class AlertsAnswer(BaseModel):
    """A page of alerts."""

    results: list[AlertAnswer]
    count: int
    next: str | None
    previous: str | None


class ClearedAnswer(BaseModel):
    """The alert that was cleared."""

    alert: AlertAnswer
