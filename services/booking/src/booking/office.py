"""The office's part of the composition: what staff see and do beside single bookings, and the copies that they see."""

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from shared.commands import Commands, Handler
from shared.http.personal_data import personal_data_routes
from shared.jobs import Job
from shared.service import Platform

from booking.adapters.catalog_copy import CatalogCopy
from booking.api.dashboard import dashboard_routes
from booking.api.reports import report_routes
from booking.api.staff_create import staff_create_routes
from booking.api.staff_list import staff_list_routes
from booking.commands.attach_bookings import AttachBookings, attach_bookings
from booking.commands.book_move import BookingDesk
from booking.commands.clear_alert import ClearAlert, HideAlert, clear_alert, hide_alert
from booking.commands.copy_people import (
    CopyCustomer,
    CopyDispute,
    CopyMessage,
    keep_customer,
    keep_dispute,
    keep_message,
)
from booking.commands.create_for_staff import CreateForStaff, create_for_staff
from booking.commands.erase_booking import EraseOwed, erase_owed, pay_owed_erasures
from booking.commands.erase_customer import EraseCustomer, erase_customer
from booking.commands.record_report import RecordReport, record_report
from booking.commands.send_payment_link import SendPaymentLink, send_payment_link
from booking.queries.alerts import AlertQueries
from booking.queries.bookings import BookingQueries
from booking.queries.dashboard import Dashboard
from booking.queries.personal_data import data_about
from booking.queries.reports import Reports
from booking.queries.staff_list import StaffList
from booking.settings import Settings

OFFICE_HANDLERS: dict[type[Any], Handler] = {
    RecordReport: record_report,
    CopyCustomer: keep_customer,
    CopyMessage: keep_message,
    CopyDispute: keep_dispute,
    AttachBookings: attach_bookings,
    EraseCustomer: erase_customer,
    EraseOwed: erase_owed,
    ClearAlert: clear_alert,
    HideAlert: hide_alert,
    CreateForStaff: create_for_staff,
    SendPaymentLink: send_payment_link,
}


def office_routes(
    platform: Platform[Settings],
    commands: Commands,
    desk: BookingDesk,
    queries: BookingQueries,
    catalog: CatalogCopy,
) -> tuple[APIRouter, ...]:
    """The routes of the office."""
    database, clock, timezone = platform.database, platform.clock, platform.settings.timezone
    return (
        staff_list_routes(commands, StaffList(database)),
        staff_create_routes(desk, queries, commands, database),
        dashboard_routes(commands, Dashboard(database, catalog, clock, timezone), AlertQueries(database)),
        report_routes(commands, Reports(database, timezone), clock, timezone),
        personal_data_routes(partial(data_about, database)),
    )


def office_jobs(platform: Platform[Settings], commands: Commands) -> tuple[Job, ...]:
    """The jobs of the office."""
    return (Job("erase-owed", timedelta(minutes=1), pay_owed_erasures(platform.database, commands)),)
