"""What staff get to see of themselves, and the sessions that they get."""

from typing import Any

from fastapi import Response
from sqlalchemy import Row

from customers.api import presenting
from customers.api.presenting import Json
from customers.domain.staff_rights import needs_second_factor, rights_in


class StaffSessions:
    """Rights of staff. Those who let others in may do nothing without a second factor, if it is required."""

    def __init__(self, second_factor_required: bool) -> None:
        self._required = second_factor_required

    def member(self, row: Row[Any]) -> Json:
        """`{user, staff_profile}`."""
        return presenting.staff_member(row, self._rights(row), self._must_set_up(row))

    def opened(self, content: Json, row: Row[Any], access_version: int) -> Response:
        """An answer with a session at the access version at which its owner got in."""
        session = presenting.session_of_staff(row, access_version, self._rights(row))
        return presenting.with_session(content, session)

    def logged_in(self, row: Row[Any], access_version: int, **more: Any) -> Response:
        """The answer to a login."""
        content = {"message": "Login successful", **self.member(row), **more}
        return self.opened(content, row, access_version)

    def _must_set_up(self, row: Row[Any]) -> bool:
        return self._required and not row.has_second_factor and needs_second_factor(row._asdict())

    def _rights(self, row: Row[Any]) -> list[str]:
        return [] if self._must_set_up(row) else sorted(rights_in(row._asdict()))
