"""Rows as answers to staff."""

from typing import Any

from shared.http.csv import Cell
from shared.money import dollars
from sqlalchemy import Row

from customers.api import presenting_people
from customers.api.presenting import Json, booking_stats, customer, full_name, user
from customers.api.timeline import timeline_of
from customers.commands.view_customer import CustomerFile
from customers.domain.permissions import permissions_with


def listed_customer(row: Row[Any]) -> Json:
    """A customer in a list."""
    return {**user(row), "phone": row.phone, **booking_stats(row)}


CUSTOMER_COLUMNS = (
    "id", "first_name", "last_name", "email", "phone", "registered_at", "total_bookings", "total_spent_cents",
    "last_booking_at", "is_vip",
)  # fmt: skip


def customer_line(row: Row[Any]) -> tuple[Cell, ...]:
    """A customer as a line under `CUSTOMER_COLUMNS`."""
    stats = booking_stats(row)
    sums = [stats[name] for name in CUSTOMER_COLUMNS[6:]]
    return (row.id, row.first_name, row.last_name, row.email, row.phone, row.created_at, *sums)


def customer_file(file: CustomerFile) -> Json:
    """A customer with all there is."""
    return {
        "customer_details": customer(file.customer),
        "erased_at": file.customer.erased_at,
        "booking_history": [presenting_people.booking(row) for row in file.bookings],
        "payment_history": [_payment(row) for row in file.payments],
        "notes": [_note(row) for row in file.notes],
        "timeline": timeline_of(file),
    }


def _payment(row: Row[Any]) -> Json:
    return {
        "booking_id": row.booking_id,
        "booking_number": row.booking_number,
        "payment_id": row.payment_id,
        "purpose": row.purpose,
        "paid_cents": row.captured_cents,
        "paid_dollars": dollars(row.captured_cents),
        "refunded_cents": int(row.refunded_cents),
        "paid_at": row.paid_at,
    }


def staff_account(row: Row[Any]) -> Json:
    """A staff account as those see it who manage staff."""
    return {
        **user(row),
        "role": row.role,
        "employee_id": row.employee_id,
        "phone": row.phone,
        "hire_date": row.hire_date,
        "permissions": row.permissions,
        "effective_permissions": sorted(permissions_with(row.role, row.permissions)),
        "is_active": row.is_active,
        "is_invited": row.is_invited,
        "totp_enabled": row.has_second_factor,
        "version": row.version,
    }


def _note(row: Row[Any]) -> Json:
    written_by = full_name(row.first_name, row.last_name) if row.first_name is not None else None
    told = {"id": row.id, "note": row.note, "staff_id": row.staff_id}
    return {**told, "staff_name": written_by or None, "written_at": row.written_at}


def audit_entry(row: Row[Any]) -> Json:
    """An action of a staff member."""
    known = row.staff_email is not None
    return {
        "id": row.id,
        "staff_id": row.staff_id,
        "staff_email": row.staff_email,
        "staff_name": full_name(row.first_name, row.last_name) if known else None,
        "action_type": row.action_type,
        "description": row.description,
        "customer_id": row.customer_id,
        "booking_id": row.booking_id,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "created_at": row.happened_at,
        "before": row.before,
        "after": row.after,
    }
