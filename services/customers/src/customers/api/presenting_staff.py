"""Rows as answers to staff."""

from collections.abc import Sequence
from typing import Any

from shared.money import dollars
from sqlalchemy import Row

from customers.api.presenting import Json, booking_stats, customer, full_name, user
from customers.domain.permissions import permissions_with


def listed_customer(row: Row[Any]) -> Json:
    """A customer in a list."""
    return {**user(row), "phone": row.phone, **booking_stats(row)}


def customer_details(row: Row[Any], bookings: Sequence[Row[Any]]) -> Json:
    """A customer with bookings and payments."""
    return {
        "customer_details": customer(row),
        "booking_history": [_booking(booking) for booking in bookings],
        "payment_history": [_payment(booking) for booking in bookings if booking.paid_at is not None],
    }


def _booking(row: Row[Any]) -> Json:
    return {
        "booking_id": row.booking_id,
        "booking_number": row.booking_number,
        "status": row.status,
        "service_type": row.service_type,
        "pickup_date": row.pickup_date,
        "total_price_cents": row.total_cents,
        "total_price_dollars": dollars(row.total_cents),
        "created_at": row.created_at,
        "paid_at": row.paid_at,
    }


def _payment(row: Row[Any]) -> Json:
    return {
        "booking_id": row.booking_id,
        "booking_number": row.booking_number,
        "payment_id": row.payment_id,
        "paid_cents": row.paid_cents,
        "paid_dollars": dollars(row.paid_cents),
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
