"""An alert is over: staff took care of it, or whoever raised it found that its cause is gone."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.audit import StaffMember, record_staff_action
from shared.contracts.booking import AlertCleared
from shared.db.unit_of_work import UnitOfWork
from shared.errors import NotFound
from shared.ids import new_id
from sqlalchemy import Row, bindparam, select, update

from booking.adapters.tables import alerts

_LOCK = select(alerts).where(alerts.c.last_alert_id == bindparam("wanted")).with_for_update()
_CLEAR = (
    update(alerts)
    .where(
        alerts.c.key == bindparam("wanted"),
        alerts.c.cleared_at.is_(None),
        alerts.c.last_alert_id <= bindparam("alert_id", type_=alerts.c.last_alert_id.type),
    )
    .values(cleared_at=bindparam("now"), cleared_by=bindparam("by"))
)


@dataclass(frozen=True, slots=True)
class ClearAlert:
    """`staff` took care of the alert as it was raised last."""

    alert_id: UUID
    staff: StaffMember


@dataclass(frozen=True, slots=True)
class HideAlert:
    """Show the alert no more, unless it was raised again since."""

    cleared: AlertCleared


async def clear_alert(command: ClearAlert, uow: UnitOfWork) -> Row[Any]:
    """The alert, which is cleared now; one that was cleared before stays as it is. Raises `NotFound`."""
    alert = await uow.fetch_one(_LOCK, {"wanted": command.alert_id})
    if alert is None:
        raise NotFound()
    if alert.cleared_at is None:
        clearing = new_id()
        await _clear(uow, alert.key, clearing, command.staff.id)
        uow.record(AlertCleared(alert_id=clearing, key=alert.key), 1)
        done = f"Cleared the alert {alert.key}."
        record_staff_action(uow, command.staff, "booking_updated", done, booking_id=alert.booking_id)
        alert = await uow.fetch_one(_LOCK, {"wanted": command.alert_id})
        assert alert is not None, "it is locked"
    return alert


async def hide_alert(command: HideAlert, uow: UnitOfWork) -> None:
    """Changes nothing when staff cleared it before, or when the alert is newer than its end."""
    await _clear(uow, command.cleared.key, command.cleared.alert_id, None)


async def _clear(uow: UnitOfWork, key: str, alert_id: UUID, by: UUID | None) -> None:
    await uow.execute(_CLEAR, {"wanted": key, "alert_id": alert_id, "now": uow.now, "by": by})
