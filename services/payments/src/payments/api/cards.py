"""What customers do with saved cards: keep them with Stripe, choose one, remove them, pay with them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.errors import Invalid
from shared.http import access
from shared.http.idempotency import OptionalKey
from shared.http.identity import Caller

from payments.adapters.wallets import cards_of, one_card
from payments.api.arriving import booking_or_wait
from payments.api.card_schemas import (
    BeginSaving,
    BegunSaving,
    ChangeCard,
    FinishSaving,
    Message,
    PaidWithCard,
    PayWithCard,
    SavedCardAnswer,
    SavedCards,
)
from payments.api.keyed import Keyed
from payments.api.present import booking_status
from payments.commands.keep_cards import ChooseDefaultCard, RemoveCard
from payments.domain.card import SavedCard
from payments.domain.errors import BookingNotFound
from payments.errands.card_payments import CardPayment, CardPayments
from payments.errands.wallet import Wallet


def routes(commands: Commands, database: Database, wallet: Wallet) -> APIRouter:
    """`/api/customers/payment-methods/…`."""
    router = APIRouter(prefix="/api/customers/payment-methods", tags=["Saved cards"])
    _add_saving(router, database, wallet)
    _add_changes(router, commands, database)
    return router


def _add_saving(router: APIRouter, database: Database, wallet: Wallet) -> None:
    @router.get("/", response_model=SavedCards, operation_id="list_saved_cards", summary="List saved cards")
    async def list_cards(caller: Caller = access.customer()) -> dict[str, Any]:
        """The customer's cards, the default first."""
        cards = await cards_of(database, caller.require_customer())
        results = [card_answer(card) for card in cards]
        return {"results": results, "count": len(cards), "next": None, "previous": None}

    @router.post(
        "/",
        status_code=201,
        response_model=BegunSaving,
        operation_id="begin_saving_card",
        summary="Begin to save a card",
    )
    async def begin(
        request: Request, wanted: BeginSaving, key: OptionalKey, caller: Caller = access.customer()
    ) -> Response:
        """A SetupIntent to be confirmed in the browser by Stripe.js; then `confirm/` keeps the card, or the webhook."""

        async def work() -> dict[str, Any]:
            setup = await wallet.begin(caller.require_customer(), key)
            return {"client_secret": setup.client_secret, "setup_intent_id": setup.facts.id}

        async def secret_again(answer: dict[str, Any]) -> str:
            return await wallet.secret_of(answer["setup_intent_id"])

        return await Keyed(database, request, key, status=201).answer(work, "client_secret", secret_again)

    @router.post(
        "/confirm/", response_model=SavedCardAnswer, operation_id="finish_saving_card", summary="Keep a saved card"
    )
    async def finish(wanted: FinishSaving, caller: Caller = access.customer()) -> dict[str, Any]:
        """The card that the browser has saved, after asking Stripe. Safe to repeat; 409 while it is not saved."""
        return card_answer(await wallet.finish(caller.require_customer(), wanted.setup_intent_id))


def _add_changes(router: APIRouter, commands: Commands, database: Database) -> None:
    @router.put(
        "/{id}/", response_model=SavedCardAnswer, operation_id="change_saved_card", summary="Choose the default"
    )
    async def change(id: UUID, wanted: ChangeCard, caller: Caller = access.customer()) -> dict[str, Any]:
        """Makes the card the default. A default is given up only by choosing another."""
        customer_id = caller.require_customer()
        if wanted.is_default:
            return card_answer(await commands.execute(ChooseDefaultCard(customer_id, id)))
        card = await one_card(database, customer_id, id)
        if card.is_default:
            raise Invalid({"is_default": ["Choose another card as the default instead."]})
        return card_answer(card)

    @router.delete("/{id}/", response_model=Message, operation_id="remove_saved_card", summary="Remove a saved card")
    async def remove(id: UUID, caller: Caller = access.customer()) -> dict[str, str]:
        """It can't be used any more; if it was the default, the newest of the others is now."""
        await commands.execute(RemoveCard(caller.require_customer(), id))
        return {"message": "Card removed."}


def paying(database: Database, payments: CardPayments, clock: Clock) -> APIRouter:
    """`/api/customers/bookings/{id}/pay/`."""
    router = APIRouter(prefix="/api/customers/bookings", tags=["Payments"])

    @router.post(
        "/{booking_id}/pay/", response_model=PaidWithCard, operation_id="pay_booking", summary="Pay with a saved card"
    )
    async def pay(
        request: Request, booking_id: UUID, wanted: PayWithCard, key: OptionalKey, caller: Caller = access.customer()
    ) -> Response:
        """Tries the card on what is due now: the booking's price, or an open adjustment of a paid booking.

        402 `card_declined` with `failure_reason` if the bank declines; 409 `card_not_usable` if the card can't be tried
        at all, such as one that was withdrawn; with `requires_action` the bank wants the buyer
        to confirm (3-D Secure) by the `client_secret`, and `/api/payments/confirm/` tells how that went.
        """
        customer_id = caller.require_customer()
        booking = await booking_or_wait(database, booking_id, clock())
        if booking.customer_id != customer_id:
            raise BookingNotFound()

        async def work() -> dict[str, Any]:
            paid = await payments.pay(booking_id, customer_id, wanted.payment_method_id, key)
            return _paid(paid, booking_status(booking, paid.payment))

        async def secret_again(answer: dict[str, Any]) -> str | None:
            return await payments.secret_of(answer["payment_intent_id"]) if answer["requires_action"] else None

        return await Keyed(database, request, key).answer(work, "client_secret", secret_again)

    return router


def card_answer(card: SavedCard) -> dict[str, Any]:
    """A saved card as its owner sees it."""
    return {
        "id": card.id,
        "display_name": card.display_name,
        "card_brand": card.brand,
        "card_last_four": card.last_four,
        "card_exp_month": card.exp_month,
        "card_exp_year": card.exp_year,
        "is_default": card.is_default,
        "created_at": card.created_at,
    }


def _paid(paid: CardPayment, status_of_booking: str) -> dict[str, Any]:
    return {
        "payment_intent_id": paid.intent.facts.id,
        "amount_cents": paid.payment.amount_cents,
        "payment_status": paid.payment.public_status,
        "booking_status": status_of_booking,
        "requires_action": paid.requires_action,
        "client_secret": paid.intent.client_secret if paid.requires_action else None,
    }
