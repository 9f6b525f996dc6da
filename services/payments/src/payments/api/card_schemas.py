"""Bodies and answers about saved cards. Amounts are cents."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from shared.http.fields import Body, Flag, example

SetupIntentId = Annotated[str, StringConstraints(pattern=r"^seti_[A-Za-z0-9_]{1,200}$")]


class BeginSaving(Body, json_schema_extra=example({})):
    """Nothing need be said; the card itself goes from the browser to Stripe."""


class BegunSaving(BaseModel):
    """What a browser needs to have Stripe save a card; `client_secret` is stored nowhere."""

    client_secret: str
    setup_intent_id: str


class FinishSaving(Body, json_schema_extra=example({"setup_intent_id": "seti_1Qx2Yz"})):
    """The SetupIntent that the browser has confirmed."""

    setup_intent_id: SetupIntentId


class SavedCardAnswer(BaseModel):
    """A saved card. Its number is known to Stripe alone."""

    id: UUID
    display_name: str
    card_brand: str
    card_last_four: str
    card_exp_month: int
    card_exp_year: int
    is_default: bool
    created_at: datetime


class SavedCards(BaseModel):
    """The customer's cards, the default first."""

    results: list[SavedCardAnswer]
    count: int
    next: str | None = None
    previous: str | None = None


class ChangeCard(Body, json_schema_extra=example({"is_default": True})):
    """`is_default` true makes it the default; the one that was it is not any more."""

    is_default: Flag


class Message(BaseModel):
    """What was done, as a sentence."""

    message: str


class PayWithCard(Body, json_schema_extra=example({"payment_method_id": "01a20000-0000-7000-8000-000000000001"})):
    """The id of a saved card."""

    payment_method_id: UUID


class PaidWithCard(BaseModel):
    """How the payment stands now. With `requires_action` the bank asks the buyer, by Stripe.js and `client_secret`."""

    payment_intent_id: str
    amount_cents: int
    payment_status: str
    booking_status: str
    requires_action: bool
    client_secret: str | None
