"""What staff agree on with a customer on the phone, beside what the catalogue says."""

from dataclasses import dataclass, replace
from uuid import UUID

from shared.money import format_dollars

from booking.domain.pricing import Line, Price, check_chargeable


@dataclass(frozen=True, slots=True)
class StaffTerms:
    """Who books for a customer, from where, and on which terms.

    `price_override_cents` null leaves the price of the catalogue; else `override_reason` says why it is another.
    `notify` sends the customer the confirmation with the link to pay.
    """

    staff_id: UUID
    ip: str
    user_agent: str
    price_override_cents: int | None = None
    override_reason: str = ""
    notify: bool = True


def agreed(price: Price, terms: StaffTerms | None) -> Price:
    """The price on these terms: the catalogue's lines as they are, and one more that leads to the agreed total.

    Raises `NotChargeable` for a total that is more than nothing but can't be charged to a card.
    """
    if terms is None or terms.price_override_cents is None:
        return price
    total = terms.price_override_cents
    check_chargeable(total)
    difference = total - price.total_cents
    sentence = f"Agreed with our office: {format_dollars(total)} in all."
    return replace(
        price,
        amounts=price.amounts.model_copy(
            update={"price_override_cents": difference, "total_price_cents": total},
        ),
        lines=(*price.lines, Line("price_override", difference, "office", sentence)),
    )
