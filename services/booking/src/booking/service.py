"""The composition root of booking: the only file that knows all others."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.commands import Commands, Handler
from shared.http.client import ServiceClient
from shared.invariants import prover
from shared.jobs import Job
from shared.sealing import Sealer
from shared.service import Parts, Platform, Service
from shared.stores import storage_from

from booking.adapters.catalog_copy import CatalogCopy
from booking.adapters.discount_codes import DiscountCodeTable
from booking.adapters.intents import PaymentsClient
from booking.adapters.numbers import BookingNumbers
from booking.adapters.pauses import Pauses
from booking.api.availability import availability_routes
from booking.api.cancelling import Cancelling
from booking.api.customer_bookings import customer_routes
from booking.api.orders import order_routes
from booking.api.places import place_routes
from booking.api.prices import price_routes
from booking.api.public_status import status_routes
from booking.api.rebooking import rebook_routes
from booking.api.replays import replay_routes
from booking.api.rescheduling import reschedule_routes
from booking.api.staff_bookings import staff_routes
from booking.api.switches import switch_routes
from booking.commands.alerts import KeepAlert, keep_alert
from booking.commands.book_move import BookingDesk
from booking.commands.cancel_booking import CancelBooking, cancel_booking
from booking.commands.copy_discount_code import CopyDiscountCode, keep_discount_code
from booking.commands.copy_payments import CopyPayment, CopyRefund, keep_payment, keep_refund
from booking.commands.create_booking import CreateBooking, create_booking
from booking.commands.expire_unpaid import ExpireBooking, expire_booking, expire_unpaid
from booking.commands.hold_place import EndHold, TakePlaceAgain, end_hold, end_holds, take_place_again
from booking.commands.reschedule_booking import RescheduleBooking, reschedule_booking
from booking.commands.reschedule_desk import RescheduleDesk
from booking.commands.set_pause import SetPause, set_pause
from booking.commands.store_catalog import StoreCatalog, store_catalog
from booking.commands.take_payment import TakePayment, take_payment
from booking.commands.update_booking import UpdateBooking, update_booking
from booking.commands.update_desk import UpdateDesk
from booking.commands.view_booking import ViewBooking, view_booking
from booking.commands.watch_heartbeats import NoteTroubles, note_troubles, watch_heartbeats
from booking.day_work import DAY_WORK_HANDLERS, day_work_jobs, day_work_routes
from booking.events import EVENT_HANDLERS
from booking.office import OFFICE_HANDLERS, office_jobs, office_routes
from booking.queries.availability import Availability
from booking.queries.bookings import BookingQueries
from booking.queries.documents import DocumentQueries
from booking.queries.extras import BookingExtras
from booking.queries.invariants import CHECKS, TOTALS
from booking.queries.pauses import PausesInForce
from booking.queries.quote_move import QuoteMove
from booking.queries.ratings import RatingQueries
from booking.queries.replay_price import PriceReplay
from booking.settings import Settings

HANDLERS: dict[type[Any], Handler] = {
    **OFFICE_HANDLERS,
    **DAY_WORK_HANDLERS,
    CreateBooking: create_booking,
    CancelBooking: cancel_booking,
    UpdateBooking: update_booking,
    ViewBooking: view_booking,
    ExpireBooking: expire_booking,
    TakePayment: take_payment,
    CopyPayment: keep_payment,
    CopyRefund: keep_refund,
    StoreCatalog: store_catalog,
    KeepAlert: keep_alert,
    EndHold: end_hold,
    TakePlaceAgain: take_place_again,
    CopyDiscountCode: keep_discount_code,
    SetPause: set_pause,
    NoteTroubles: note_troubles,
    RescheduleBooking: reschedule_booking,
}


def _others(platform: Platform[Settings]) -> dict[str, ServiceClient]:
    """All other services, by name."""
    settings = platform.settings
    addresses = {
        "catalog": settings.catalog_url,
        "payments": settings.payments_url,
        "customers": settings.customers_url,
        "notifications": settings.notifications_url,
    }
    return {name: platform.client(name, url, settings.identity_private_key) for name, url in addresses.items()}


def _desk(
    platform: Platform[Settings], commands: Commands, catalog: CatalogCopy, payments: ServiceClient
) -> BookingDesk:
    """Where orders become bookings, with all that it asks on the way."""
    settings, database, clock = platform.settings, platform.database, platform.clock
    pauses = Pauses(database)
    return BookingDesk(
        numbers=BookingNumbers(database),
        commands=commands,
        catalog=catalog,
        quotes=QuoteMove(catalog, DiscountCodeTable(database), settings.secret_key, clock, settings.timezone),
        intents=PaymentsClient(payments),
        pauses=pauses,
        availability=Availability(database, catalog, pauses, clock, settings.timezone),
        sealer=Sealer(settings.sealing_key),
        secret=settings.secret_key,
        clock=clock,
        timezone=settings.timezone,
    )


def compose(platform: Platform[Settings]) -> Parts:
    """Puts the service together."""
    settings, database, clock = platform.settings, platform.database, platform.clock
    commands, others = platform.commands(HANDLERS), _others(platform)
    catalog = CatalogCopy(database, others["catalog"])
    desk = _desk(platform, commands, catalog, others["payments"])
    queries, cancelling = BookingQueries(database), Cancelling(commands, database)
    changes = RescheduleDesk(commands, queries, catalog, desk.pauses, desk.availability, desk, settings.timezone)
    storage = storage_from(settings)
    documents, ratings = DocumentQueries(database, storage), RatingQueries(database, settings.timezone)
    extras = BookingExtras(documents, ratings)
    return Parts(
        commands=commands,
        routers=(
            price_routes(desk.quotes),
            order_routes(desk, queries, database),
            status_routes(queries, cancelling, extras),
            customer_routes(queries, cancelling, extras),
            availability_routes(desk.availability),
            switch_routes(commands, PausesInForce(database)),
            place_routes(desk, queries),
            *office_routes(platform, commands, desk, queries, catalog),
            reschedule_routes(changes, queries, database),
            rebook_routes(desk, queries, database),
            replay_routes(PriceReplay(database, catalog)),
            staff_routes(commands, UpdateDesk(commands, queries, desk.availability), extras),
            *day_work_routes(platform, commands, queries, storage, documents, ratings),
        ),
        event_handlers=EVENT_HANDLERS,
        jobs=(
            Job("expire-unpaid", timedelta(seconds=30), expire_unpaid(database, commands, clock)),
            Job("watch-heartbeats", timedelta(minutes=1), watch_heartbeats(database, commands, others, clock)),
            Job("end-holds", timedelta(seconds=15), end_holds(database, commands, clock)),
            *office_jobs(platform, commands),
            *day_work_jobs(platform, commands, storage),
        ),
        resources=(*others.values(), catalog, desk.pauses),
        invariants=prover(database, CHECKS, TOTALS),
    )


SERVICE = Service(
    name="booking",
    title="ToteTaxi booking",
    settings=Settings,
    compose=compose,
    migrations=Path(__file__).parent / "migrations" / "versions",
)
