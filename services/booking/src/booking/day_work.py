"""The yard's part of the composition: files of bookings, crews and vans, the day's schedule, what crews tell."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from shared.commands import Commands, Handler
from shared.jobs import Job
from shared.service import Platform
from shared.storage import Storage

from booking.api.crew import CrewLinks, CrewPhone, crew_link_routes, crew_routes
from booking.api.documents import document_routes, download_routes, upload_routes
from booking.api.fleet import Fleet, fleet_routes
from booking.api.logistics import assignment_routes, day_routes, run_sheet_routes
from booking.api.ratings import RatingDesk, customer_rating_routes, holder_rating_routes, rating_list_routes
from booking.commands.assign_booking import AssignBooking, assign_booking
from booking.commands.document_desk import DocumentDesk
from booking.commands.keep_documents import (
    AddDocument,
    LookAtDocuments,
    PlanRemoval,
    RemoveDocument,
    add_document,
    look_at_documents,
    plan_removal,
    remove_document,
)
from booking.commands.keep_fleet import KeepResource, keep_resource
from booking.commands.rate_booking import RateBooking, rate_booking
from booking.commands.remove_files import StrikeOff, remove_files, strike_off
from booking.commands.report_stop import ReportStop, report_stop
from booking.pages.pages import Pages
from booking.queries.bookings import BookingQueries
from booking.queries.day import DayQueries
from booking.queries.documents import DocumentQueries
from booking.queries.ratings import RatingQueries
from booking.settings import Settings

DAY_WORK_HANDLERS: dict[type[Any], Handler] = {
    PlanRemoval: plan_removal,
    AddDocument: add_document,
    RemoveDocument: remove_document,
    StrikeOff: strike_off,
    KeepResource: keep_resource,
    AssignBooking: assign_booking,
    ReportStop: report_stop,
    RateBooking: rate_booking,
    LookAtDocuments: look_at_documents,
}


def day_work_routes(
    platform: Platform[Settings],
    commands: Commands,
    queries: BookingQueries,
    storage: Storage,
    documents: DocumentQueries,
    ratings: RatingQueries,
) -> tuple[APIRouter, ...]:
    """The routes of the yard."""
    settings, database = platform.settings, platform.database
    desk, rater = DocumentDesk(database, commands, storage), RatingDesk(commands, database)
    days, pages = DayQueries(database), Pages(settings.timezone)
    links = CrewLinks(settings.secret_key, settings.public_site_url, platform.clock, settings.timezone)
    return (
        document_routes(commands, documents),
        upload_routes(desk, queries, documents),
        download_routes(documents),
        fleet_routes(Fleet(database, commands)),
        day_routes(days, links.today),
        run_sheet_routes(commands, days, pages, links.today),
        assignment_routes(commands),
        crew_link_routes(commands, days, links),
        crew_routes(CrewPhone(commands, days, links, desk, pages)),
        holder_rating_routes(rater, queries),
        customer_rating_routes(rater, queries),
        rating_list_routes(ratings),
    )


def day_work_jobs(platform: Platform[Settings], commands: Commands, storage: Storage) -> tuple[Job, ...]:
    """The jobs of the yard."""
    run = remove_files(platform.database, commands, storage, platform.clock)
    return (Job("remove-files", timedelta(seconds=30), run),)
