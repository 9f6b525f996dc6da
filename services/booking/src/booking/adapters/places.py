"""The places of a day, counted row by row: one row for each day and service type.

A place is taken by one statement that can't count beyond the day's capacity, however many try at once: the row is
locked by its update, and whoever waited for it looks at the new count. It is counted in the transaction that changes
`holds_place` of its booking, under the booking's lock, so the two always agree and no place is freed twice.
"""

from datetime import date

from shared.contracts.base import ServiceType
from shared.db.unit_of_work import UnitOfWork
from sqlalchemy import bindparam, desc, select, text, update

from booking.adapters.sales_tables import capacity_days
from booking.adapters.tables import catalog_versions
from booking.domain.booking import Booking
from booking.domain.capacity import NoCapacity

_TAKE = text(
    """
    INSERT INTO capacity_days AS taken (day, service_type, used)
    SELECT CAST(:day AS date), :service_type, 1 WHERE CAST(:places AS integer) > 0
    ON CONFLICT (day, service_type) DO UPDATE SET used = taken.used + 1 WHERE taken.used < CAST(:places AS integer)
    RETURNING used
    """
)
_TAKE_ANYWAY = text(
    """
    INSERT INTO capacity_days AS taken (day, service_type, used) VALUES (:day, :service_type, 1)
    ON CONFLICT (day, service_type) DO UPDATE SET used = taken.used + 1
    RETURNING used
    """
)
_USED = select(capacity_days.c.used).where(
    capacity_days.c.day == bindparam("of_day"), capacity_days.c.service_type == bindparam("of_type")
)
_FREE = (
    update(capacity_days)
    .where(capacity_days.c.day == bindparam("of_day"), capacity_days.c.service_type == bindparam("of_type"))
    .values(used=capacity_days.c.used - 1)
)
_POLICIES = catalog_versions.c.snapshot["policies"]
_RULES = (
    select(_POLICIES["daily_capacity"].label("daily"), _POLICIES["blackout_dates"].label("blackouts"))
    .order_by(desc(catalog_versions.c.version))
    .limit(1)
)


async def take_place(uow: UnitOfWork, day: date, service_type: ServiceType, places: int) -> None:
    """Takes one of the day's `places`; raises `NoCapacity` when all of them are taken."""
    wanted = {"day": day, "service_type": service_type, "places": places}
    if await uow.fetch_one(_TAKE, wanted) is None:
        raise NoCapacity()


async def take_place_anyway(uow: UnitOfWork, day: date, service_type: ServiceType) -> int:
    """Takes a place even if there is none left; how many are taken then."""
    return int(await uow.scalar(_TAKE_ANYWAY, {"day": day, "service_type": service_type}))


async def has_kept_place(uow: UnitOfWork, booking: Booking) -> bool:
    """Whether a locked booking, which must be honoured, has a place within its day's capacity.

    One whose place was given away takes another anyway; the caller stores that it holds one.
    """
    if booking.holds_place:
        return True
    used = await take_place_anyway(uow, booking.pickup_date, booking.service_type)
    return used <= await places_now(uow, booking.pickup_date, booking.service_type)


async def move_place(uow: UnitOfWork, before: Booking, after: Booking, places: int | None) -> None:
    """Takes a place of the new day and frees that of the old one; `places` null takes one even of a full day.

    The earlier day is always locked first, so that two bookings that change places do not wait for each other.
    """
    if before.holds_place and before.pickup_date == after.pickup_date:
        return
    if before.pickup_date < after.pickup_date:
        await free_place(uow, before)
    if places is None:
        await take_place_anyway(uow, after.pickup_date, after.service_type)
    else:
        await take_place(uow, after.pickup_date, after.service_type, places)
    if before.pickup_date >= after.pickup_date:
        await free_place(uow, before)


async def check_place(uow: UnitOfWork, booking: Booking, day: date, places: int) -> None:
    """Raises `NoCapacity` if the booking could not move to the day; takes nothing."""
    if booking.holds_place and booking.pickup_date == day:
        return
    used = await uow.scalar(_USED, {"of_day": day, "of_type": booking.service_type})
    if (used or 0) >= places:
        raise NoCapacity()


async def is_overbooked(uow: UnitOfWork, day: date, service_type: ServiceType) -> bool:
    """Whether more bookings hold a place of the day than it has."""
    used = await uow.scalar(_USED, {"of_day": day, "of_type": service_type})
    return (used or 0) > await places_now(uow, day, service_type)


async def free_place(uow: UnitOfWork, booking: Booking) -> None:
    """Frees the place that a locked booking holds, if it holds one. The caller stores that it does not any more."""
    if booking.holds_place:
        await uow.execute(_FREE, {"of_day": booking.pickup_date, "of_type": booking.service_type})


async def places_now(uow: UnitOfWork, day: date, service_type: ServiceType) -> int:
    """How many moves the day takes by the newest catalogue that this service has stored; none without any."""
    rules = await uow.fetch_one(_RULES)
    if rules is None or day.isoformat() in rules.blackouts:
        return 0
    return int(rules.daily.get(service_type, 0))
