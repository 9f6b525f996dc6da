"""A saved card as its owner knows it. Its number never comes near us."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that a customer keeps with Stripe."""

    id: UUID
    customer_id: UUID
    stripe_payment_method_id: str
    brand: str
    last_four: str
    exp_month: int
    exp_year: int
    is_default: bool
    created_at: datetime

    @property
    def display_name(self) -> str:
        """Such as "Visa •••• 4242"."""
        return f"{_BRANDS.get(self.brand, self.brand.capitalize())} •••• {self.last_four}"


def customer_key(customer_id: UUID) -> str:
    """The idempotency key under which a customer of ours is made at Stripe, so that racing tries make one."""
    return f"customer:{customer_id}"
