"""Reads of single accounts."""

from typing import Any
from uuid import UUID

from shared.db.engine import Database
from sqlalchemy import Row, Select, bindparam, func, literal, select, true

from customers.adapters.secret_tables import second_factors
from customers.adapters.tables import accounts, customers, login_failures, staff
from customers.domain.lockout import login_key
from customers.queries.statistics import totals_of

TOTALS = totals_of(accounts.c.id)

_PERSON = (
    accounts.c.id,
    accounts.c.email,
    accounts.c.first_name,
    accounts.c.last_name,
    accounts.c.phone,
    accounts.c.version,
    accounts.c.access_version,
    accounts.c.created_at,
    accounts.c.erased_at,
)

CUSTOMERS: Select[Any] = select(
    *_PERSON,
    customers.c.preferred_pickup_time,
    customers.c.email_notifications,
    customers.c.sms_notifications,
    customers.c.email_verified_at,
    customers.c.vip_by_hand,
    *TOTALS.c,
).select_from(accounts.join(customers, customers.c.id == accounts.c.id).join(TOTALS, true()))
"""Customers with what their bookings add up to."""

CUSTOMER_BY_ID = CUSTOMERS.where(accounts.c.id == bindparam("id"))

STAFF: Select[Any] = select(
    *_PERSON,
    staff.c.role,
    staff.c.employee_id,
    staff.c.hire_date,
    staff.c.permissions,
    staff.c.is_active,
    staff.c.is_invited,
    second_factors.c.confirmed_at.is_not(None).label("has_second_factor"),
).select_from(
    accounts.join(staff, staff.c.id == accounts.c.id).outerjoin(second_factors, second_factors.c.staff_id == staff.c.id)
)
"""Staff accounts, and whether they log in with a second factor."""

STAFF_BY_ID = STAFF.where(accounts.c.id == bindparam("id"))
STAFF_BY_EMAIL = STAFF.where(accounts.c.email == bindparam("email"))

RESETTABLE: Select[Any] = (
    select(*_PERSON, accounts.c.kind)
    .select_from(accounts.outerjoin(staff, staff.c.id == accounts.c.id))
    .where(
        accounts.c.email == bindparam("email"),
        accounts.c.kind == bindparam("kind"),
        func.coalesce(staff.c.is_active, True),
    )
)
"""The active account of a kind with an address."""

_LOGIN: Select[Any] = select(
    accounts.c.id,
    accounts.c.kind,
    accounts.c.password_hash,
    accounts.c.access_version,
    func.coalesce(staff.c.is_active, True).label("is_active"),
    login_failures.c.locked_until,
).select_from(
    select(literal(1).label("one"))
    .subquery("asked")
    .outerjoin(accounts, accounts.c.email == bindparam("email"))
    .outerjoin(staff, staff.c.id == accounts.c.id)
    .outerjoin(login_failures, login_failures.c.login_key == bindparam("login_key"))
)


async def login_row(database: Database, email: str) -> Row[Any]:
    """One row whether there is such an account or not, so that both take the same time: all null if there is none."""
    row = await database.fetch_one(_LOGIN, {"email": email, "login_key": login_key(email)})
    assert row is not None
    return row


async def customer_row(database: Database, customer_id: UUID) -> Row[Any] | None:
    """A customer with totals, or nothing."""
    return await database.fetch_one(CUSTOMER_BY_ID, {"id": customer_id})


async def staff_row(database: Database, staff_id: UUID) -> Row[Any] | None:
    """A staff account, or nothing."""
    return await database.fetch_one(STAFF_BY_ID, {"id": staff_id})
