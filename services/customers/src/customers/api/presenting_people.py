"""Rows about people as answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from shared.money import dollars
from sqlalchemy import Row

from customers.api import presenting
from customers.api.presenting import Json
from customers.commands.forget_account import Erasure
from customers.queries.erasures import Progress


def booking(row: Row[Any]) -> Json:
    """A booking in a few words."""
    return {
        "booking_id": row.booking_id,
        "booking_number": row.booking_number,
        "status": row.status,
        "service_type": row.service_type,
        "pickup_date": row.pickup_date,
        "pickup_time": row.pickup_time,
        "total_price_cents": row.total_cents,
        "total_price_dollars": dollars(row.total_cents),
        "created_at": row.created_at,
        "paid_at": row.paid_at,
    }


def dashboard(customer: Row[Any], recent: Sequence[Row[Any]], upcoming: Sequence[Row[Any]]) -> Json:
    """What a customer sees first."""
    return {
        "recent_bookings": [booking(row) for row in recent],
        "upcoming_bookings": [booking(row) for row in upcoming],
        "preferences": presenting.preferences(customer),
        "quick_actions": list(_quick_actions(customer, recent, upcoming)),
    }


def _quick_actions(customer: Row[Any], recent: Sequence[Row[Any]], upcoming: Sequence[Row[Any]]) -> list[Json]:
    actions = [_action("pay", f"Pay {row.booking_number}", row) for row in upcoming if row.status == "pending"]
    if customer.email_verified_at is None:
        actions.append(_action("verify_email", "Confirm your e-mail address"))
    actions += [_action("view", f"See your move on {_day(row.pickup_date)}", row) for row in upcoming[:1]]
    done = [row for row in recent if row.status in ("paid", "in_progress", "completed")]
    actions += [_action("rebook", f"Book {row.booking_number} again", row) for row in done[:1]]
    return [*actions, _action("book", "Book a move")]


def _action(action: str, label: str, row: Row[Any] | None = None) -> Json:
    return {"action": action, "label": label, "booking_id": row.booking_id if row is not None else None}


def _day(day: date) -> str:
    return f"{day:%B} {day.day}"


def export(
    customer: Row[Any],
    addresses: Sequence[Row[Any]],
    about: dict[str, list[Row[Any]]],
    elsewhere: dict[str, list[Json]],
    now: datetime,
) -> Json:
    """All there is about a customer; `elsewhere` are the lists of the other services."""
    return {
        "exported_at": now,
        "account": presenting.customer(customer),
        "preferences": presenting.preferences(customer),
        "saved_addresses": [presenting.address(row) for row in addresses],
        "bookings": [booking(row) for row in about["bookings"]],
        "payments": [_money(row, row.purpose, row.captured_cents, row.paid_at) for row in about["payments"]],
        "refunds": [_money(row, "refund", row.amount_cents, row.refunded_at) for row in about["refunds"]],
        "notes": [{"note": row.note, "written_at": row.written_at} for row in about["notes"]],
        "contact_messages": [sent_message(row) for row in about["messages"]],
        **elsewhere,
    }


def _money(row: Row[Any], purpose: str, cents: int, at: datetime) -> Json:
    amounts = {"amount_cents": cents, "amount_dollars": dollars(cents)}
    return {"booking_number": row.booking_number, "purpose": purpose, **amounts, "at": at}


def sent_message(row: Row[Any]) -> Json:
    """What somebody wrote to the office."""
    return {name: getattr(row, name) for name in ("id", "name", "email", "phone", "subject", "message", "received_at")}


def office_message(row: Row[Any]) -> Json:
    """The same with who took care of it."""
    handled = {"handled_at": row.handled_at, "handled_by": row.handled_by}
    return {**sent_message(row), "customer_id": row.customer_id, **handled}


def erased(erasure: Erasure, message: str) -> Json:
    """What was asked for is done here."""
    about = {"erasure_id": erasure.id, "erased_at": erasure.erased_at, "cancelled_bookings": erasure.cancelled}
    return {"message": message, **about}


def erasure(progress: Progress) -> Json:
    """How far an erasure has come."""
    row = progress.erasure
    return {
        "id": row.id,
        "kind": row.kind,
        "requested_by": row.requested_by,
        "staff_id": row.staff_id,
        "erased_at": row.erased_at,
        "complete": not progress.waiting_for,
        "waiting_for": progress.waiting_for,
        "reports": [
            {name: getattr(report, name) for name in ("service", "erased", "kept", "reported_at")}
            for report in progress.reports
        ],
    }
