"""What a discount code takes off a price."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from shared.contracts.base import ServiceType
from shared.errors import Invalid
from shared.money import format_dollars, percent_of

UNUSABLE = "This discount code can't be used for this booking."
"""One sentence for every reason, so that nobody learns by trying which codes exist."""


@dataclass(frozen=True, slots=True)
class Discount:
    """The terms of a code. `value` is per cent or cents; an empty `allowed_service_types` means all of them."""

    code: str
    discount_type: Literal["percentage", "fixed"]
    value: Decimal
    minimum_order_cents: int = 0
    maximum_discount_cents: int | None = None
    allowed_service_types: tuple[ServiceType, ...] = ()


def address_hash(email: str) -> str:
    """What an e-mail address is counted by, however it is written; the address itself is not kept."""
    return hashlib.sha256(email.lower().encode()).hexdigest()


def redeemers_of(customer_id: UUID | None, email: str) -> list[str]:
    """Whose uses are counted together: those of the address, with an account or without, and those of the account."""
    return [*([str(customer_id)] if customer_id else []), address_hash(email)]


class DiscountUnusable(Invalid):
    """The code is unknown, over, or not meant for this booking."""

    def __init__(self) -> None:
        super().__init__({"discount_code": [UNUSABLE]})


def discount_cents(discount: Discount, subtotal_cents: int, service_type: ServiceType) -> int:
    """What comes off `subtotal_cents`: never more than it; raises `DiscountUnusable`."""
    allowed = not discount.allowed_service_types or service_type in discount.allowed_service_types
    if not allowed or subtotal_cents < discount.minimum_order_cents:
        raise DiscountUnusable
    percentage = discount.discount_type == "percentage"
    amount = percent_of(subtotal_cents, discount.value) if percentage else int(discount.value)
    if discount.maximum_discount_cents is not None:
        amount = min(amount, discount.maximum_discount_cents)
    return max(0, min(amount, subtotal_cents))


def taking(discount: Discount, amount_cents: int) -> Discount:
    """The code as it takes just `amount_cents` off whatever it is used for."""
    return Discount(discount.code, "fixed", Decimal(amount_cents))


def describe(discount: Discount, amount_cents: int) -> str:
    """A sentence about what the code did."""
    return f"Code {discount.code} takes {format_dollars(amount_cents)} off."
