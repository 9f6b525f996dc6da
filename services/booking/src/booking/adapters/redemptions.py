"""Uses of discount codes, counted in the transaction of the booking that uses one.

Counting locks the code's row first, so that whoever else wants the code waits and then sees the new count: the last
use goes to one booking, for the code as a whole and for each customer.
"""

from shared.contracts.booking import DiscountRedeemed, DiscountReleased
from shared.contracts.booking_state import Redemption
from shared.db.unit_of_work import UnitOfWork
from shared.ids import new_id
from sqlalchemy import Row, Text, any_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from booking.adapters.sales_tables import discount_codes as codes
from booking.adapters.sales_tables import discount_redemptions as redemptions
from booking.domain.booking import Booking
from booking.domain.discounts import DiscountUnusable, address_hash, redeemers_of

USABLE = (
    codes.c.code == bindparam("wanted"),
    codes.c.is_active,
    codes.c.valid_from <= bindparam("now"),
    or_(codes.c.valid_until.is_(None), codes.c.valid_until > bindparam("now")),
    or_(codes.c.max_uses.is_(None), codes.c.uses < codes.c.max_uses),
)
"""A code in force with a use left. Its other terms depend on the move."""

_SOMEBODY = any_(bindparam("redeemers", type_=ARRAY(Text)))
USES_OF = (
    select(func.count())
    .select_from(redemptions)
    .where(
        redemptions.c.code_id == codes.c.id,
        or_(redemptions.c.redeemer == _SOMEBODY, redemptions.c.email_sha256 == _SOMEBODY),
        redemptions.c.released_at.is_(None),
    )
    .scalar_subquery()
)
"""How often somebody uses the code at present."""

_COUNT = update(codes).where(*USABLE).values(uses=codes.c.uses + 1).returning(codes.c.id, codes.c.max_uses_per_customer)
_HAS_ONE_LEFT = select(codes.c.id).where(
    codes.c.id == bindparam("counted"), bindparam("most", type_=codes.c.uses.type) > USES_OF
)
_ADD = insert(redemptions)
_RELEASE = (
    update(redemptions)
    .where(redemptions.c.booking_id == bindparam("booking"), redemptions.c.released_at.is_(None))
    .values(released_at=bindparam("now"), version=redemptions.c.version + 1)
    .returning(redemptions)
)
_CHANGE = (
    update(redemptions)
    .where(
        redemptions.c.booking_id == bindparam("booking"),
        redemptions.c.released_at.is_(None),
        redemptions.c.amount_cents != bindparam("cents"),
    )
    .values(amount_cents=bindparam("cents"), version=redemptions.c.version + 1)
    .returning(redemptions)
)
_UNCOUNT = update(codes).where(codes.c.id == bindparam("counted")).values(uses=codes.c.uses - 1)


async def redeem_discount(uow: UnitOfWork, booking: Booking) -> None:
    """Counts the use of a new booking's code; raises `DiscountUnusable` when none is left for this customer."""
    wanted = {"wanted": booking.discount_code, "now": uow.now}
    counted = await uow.fetch_one(_COUNT, wanted)
    if counted is None:
        raise DiscountUnusable
    redeemers = redeemers_of(booking.customer_id, booking.email)
    limit = {"counted": counted.id, "redeemers": redeemers, "most": counted.max_uses_per_customer}
    if await uow.fetch_one(_HAS_ONE_LEFT, limit) is None:
        raise DiscountUnusable
    values = {
        "id": new_id(),
        "code_id": counted.id,
        "code": booking.discount_code,
        "booking_id": booking.id,
        "customer_id": booking.customer_id,
        "amount_cents": booking.prices["discount_cents"],
        "version": 1,
    }
    who = {"redeemer": redeemers[0], "email_sha256": address_hash(booking.email)}
    uow.send(_ADD, {**values, **who, "redeemed_at": uow.now})
    redemption = Redemption.model_validate(values)
    uow.record(DiscountRedeemed(redemption=redemption), redemption.version)


async def tell_new_discount(uow: UnitOfWork, booking: Booking) -> None:
    """Keeps what the code takes off a locked booking by now, if that is another amount than before."""
    changed = await uow.fetch_one(_CHANGE, {"booking": booking.id, "cents": booking.prices["discount_cents"]})
    if changed is not None:
        redemption = _redemption_of(changed)
        uow.record(DiscountRedeemed(redemption=redemption), redemption.version)


async def release_discount(uow: UnitOfWork, booking: Booking) -> None:
    """Gives the use of a locked booking's code back, unless that was done before."""
    released = await uow.fetch_one(_RELEASE, {"booking": booking.id, "now": uow.now})
    if released is None:
        return
    await uow.execute(_UNCOUNT, {"counted": released.code_id})
    redemption = _redemption_of(released)
    uow.record(DiscountReleased(redemption=redemption), redemption.version)


def _redemption_of(row: Row[tuple[object, ...]]) -> Redemption:
    return Redemption(**{name: getattr(row, name) for name in Redemption.model_fields})
