"""Alerts for staff: how they are raised here, and how they are kept whoever raised them."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.booking import AlertRaised
from shared.db.unit_of_work import UnitOfWork
from shared.ids import made_at, new_id
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from booking.adapters.tables import alerts

_KEEP = insert(alerts).values(
    key=bindparam("key"),
    severity=bindparam("severity"),
    message=bindparam("message"),
    booking_id=bindparam("booking_id"),
    last_alert_id=bindparam("alert_id"),
    first_raised_at=bindparam("raised_at"),
    last_raised_at=bindparam("raised_at"),
)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["key"],
    set_={
        **{name: _KEEP.excluded[name] for name in ("severity", "message", "last_alert_id", "last_raised_at")},
        "cleared_at": None,
        "cleared_by": None,
    },
    where=_KEEP.excluded.last_alert_id > alerts.c.last_alert_id,
)


@dataclass(frozen=True, slots=True)
class KeepAlert:
    """Show this alert to staff."""

    alert: AlertRaised


async def keep_alert(command: KeepAlert, uow: UnitOfWork) -> None:
    """One row per key, as it was raised last: ids are in the order of time, so an old raising can not come again."""
    alert = command.alert
    await uow.execute(
        _KEEP,
        {
            "key": alert.key,
            "severity": alert.severity,
            "message": alert.message,
            "booking_id": alert.booking_id,
            "alert_id": alert.alert_id,
            "raised_at": made_at(alert.alert_id) or uow.now,
        },
    )


def raise_alert(uow: UnitOfWork, key: str, message: str, booking_id: UUID | None) -> None:
    """Records a critical alert; it comes back to this service as an event like everybody else's."""
    alert = AlertRaised(alert_id=new_id(), key=key, severity="critical", message=message, booking_id=booking_id)
    uow.record(alert, 1)
