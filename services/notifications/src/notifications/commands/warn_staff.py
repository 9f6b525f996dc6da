"""Something happened that staff must know of at once."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.booking import AlertRaised
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import select

from notifications.adapters.tables import staff
from notifications.commands.write_message import MessageWriter, WriteMessage
from notifications.domain.kinds import Kind

_ADMINS = select(staff.c.id, staff.c.email).where(staff.c.is_active, staff.c.role == "admin").order_by(staff.c.id)


@dataclass(frozen=True, slots=True)
class WarnStaff:
    """An alert that can't wait until somebody looks at the dashboard."""

    alert: AlertRaised


class StaffWarner:
    """Writes to the office and to every admin."""

    def __init__(self, writer: MessageWriter) -> None:
        self._writer = writer

    async def __call__(self, command: WarnStaff, uow: UnitOfWork) -> None:
        """One message to each in a day, however often the alert is raised again under its key: who is told of one thing
        every minute reads nothing any more. Others than critical ones are no reason.
        """
        if command.alert.severity != "critical":
            return
        admins = await uow.fetch_all(_ADMINS)
        cause = f"{command.alert.key}:{uow.now:%Y-%m-%d}"
        warnings = [_warning(command.alert, cause)]
        warnings += [_warning(command.alert, f"{cause}:{admin.id}", recipient=admin.email) for admin in admins]
        self._writer.write(warnings, uow)


def _warning(alert: AlertRaised, cause: str, **values: Any) -> WriteMessage:
    return WriteMessage(Kind.STAFF_ALERT, cause, alert.booking_id, facts={"message": alert.message}, **values)
