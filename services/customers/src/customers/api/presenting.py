"""Rows as answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import Response
from shared.http.answers import answer
from shared.money import dollars
from sqlalchemy import Row

from customers.queries.statistics import totals_in

Json = dict[str, Any]


def full_name(first_name: str, last_name: str) -> str:
    """A person's name as it is written in one line."""
    return f"{first_name} {last_name}".strip()


def user(row: Row[Any]) -> Json:
    """The account in a row of a customer or of a staff member."""
    return {
        "id": row.id,
        "email": "" if row.erased_at else row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "full_name": full_name(row.first_name, row.last_name),
        "date_joined": row.created_at,
    }


def booking_stats(row: Row[Any]) -> Json:
    """A customer's statistics."""
    totals = totals_in(row)
    return {
        "total_bookings": totals.total_bookings,
        "total_spent_cents": totals.total_spent_cents,
        "total_spent_dollars": dollars(totals.total_spent_cents),
        "last_booking_at": totals.last_booking_at,
        "is_vip": totals.is_vip or row.vip_by_hand,
    }


def preferences(row: Row[Any]) -> Json:
    """A customer's preferences."""
    return {
        "preferred_pickup_time": row.preferred_pickup_time,
        "email_notifications": row.email_notifications,
        "sms_notifications": row.sms_notifications,
    }


def customer(row: Row[Any]) -> Json:
    """`{user, customer_profile}`."""
    profile = {
        "id": row.id,
        "phone": row.phone,
        "email_verified": row.email_verified_at is not None,
        "version": row.version,
        **booking_stats(row),
        **preferences(row),
    }
    return {"user": user(row), "customer_profile": profile}


def staff_member(row: Row[Any], permissions: Sequence[str], must_set_up_totp: bool) -> Json:
    """`{user, staff_profile}`."""
    profile = {
        "id": row.id,
        "role": row.role,
        "employee_id": row.employee_id,
        "phone": row.phone,
        "hire_date": row.hire_date,
        "permissions": list(permissions),
        "is_active": row.is_active,
        "totp_enabled": row.has_second_factor,
        "totp_setup_required": must_set_up_totp,
    }
    return {"user": user(row), "staff_profile": profile}


def session_of_customer(row: Row[Any], access_version: int) -> Json:
    """What the gateway makes a session of. It takes this member out of the answer.

    `access_version` is the one at which the caller got in: the row may have been read after a change that is to shut
    them out.
    """
    return _session(row, "customer", access_version, "", ())


def session_of_staff(row: Row[Any], access_version: int, permissions: Sequence[str]) -> Json:
    """As `session_of_customer`, with what its owner may do."""
    return _session(row, "staff", access_version, row.role, permissions)


def _session(row: Row[Any], kind: str, access_version: int, role: str, permissions: Sequence[str]) -> Json:
    return {
        "kind": kind,
        "account_id": row.id,
        "version": row.version,
        "access_version": access_version,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "phone": row.phone,
        "role": role,
        "permissions": list(permissions),
    }


def with_session(content: Json, session: Json, status: int = 200) -> Response:
    """An answer to the gateway, which takes `session` out; clients see `content`, which is what is documented."""
    return _to_gateway({**content, "session": session}, status)


def with_shut_out(content: Json, account_id: UUID, access_version: int) -> Response:
    """As `with_session`: the gateway takes `shut_out` out and ends the account's sessions of a lower access version."""
    return _to_gateway({**content, "shut_out": {"account_id": account_id, "access_version": access_version}}, 200)


def _to_gateway(content: Json, status: int) -> Response:
    return answer(content, status)


def address(row: Row[Any]) -> Json:
    """A saved address."""
    shown = {name: getattr(row, name) for name in _ADDRESS}
    street = ", ".join(filter(None, (row.address_line_1, row.address_line_2)))
    return {**shown, "formatted_address": f"{street}, {row.city}, {row.state} {row.zip_code}"}


_ADDRESS = (
    "id",
    "nickname",
    "address_line_1",
    "address_line_2",
    "city",
    "state",
    "zip_code",
    "delivery_instructions",
    "times_used",
    "last_used_at",
    "created_at",
)


def addresses(rows: Sequence[Row[Any]]) -> Json:
    """All saved addresses of a customer with the sums over them."""
    most_used = max(rows, key=lambda row: int(row.times_used), default=None)
    used = most_used is not None and most_used.times_used > 0
    usage = {
        "total_addresses": len(rows),
        "total_uses": sum(row.times_used for row in rows),
        "most_used_nickname": most_used.nickname if used and most_used is not None else None,
    }
    return {"saved_addresses": [address(row) for row in rows], "usage_stats": usage}
