"""Customers' saved cards at Stripe: who a customer is there, saving a card, letting go of one."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from shared.commands import Commands
from shared.db.engine import Database
from shared.http.idempotency import IdempotencyKey
from shared.ids import new_id

from payments.adapters.claims import ForgottenCustomer, RemovedCard
from payments.adapters.stripe_gateway import CardGateway, Setup, StripeRefused, StripeUnknown
from payments.adapters.wallets import stripe_customer_of
from payments.commands.erase_customer import StripeForgot
from payments.commands.keep_cards import CardDetached, ClaimKey, KeepCard, RecordStripeCustomer
from payments.domain.card import SavedCard, customer_key
from payments.domain.errors import CardNotSaved, PaymentUnavailable, SetupNotFound

T = TypeVar("T")


class Wallet:
    """Saves cards. Every step may be repeated; if the browser never comes back, the webhook finishes what it began."""

    def __init__(self, commands: Commands, database: Database, gateway: CardGateway) -> None:
        self._commands = commands
        self._database = database
        self._gateway = gateway

    async def begin(self, customer_id: UUID, key: IdempotencyKey | None) -> Setup:
        """A SetupIntent of the customer's, to be confirmed in the browser. Raises `PaymentUnavailable`."""
        name = await self._commands.execute(ClaimKey(key))
        try:
            stripe_customer_id = await self._stripe_customer(customer_id)

            async def create(key: str) -> Setup:
                return await self._gateway.create_setup(customer_id, stripe_customer_id, key)

            return await _under_a_live_key(f"setup:{name}", create)
        except (StripeUnknown, StripeRefused) as error:
            raise PaymentUnavailable() from error

    async def secret_of(self, setup_id: str) -> str:
        """The secret of a SetupIntent, read anew. Raises `PaymentUnavailable`."""
        try:
            return (await self._gateway.retrieve_setup(setup_id)).client_secret
        except (StripeUnknown, StripeRefused) as error:
            raise PaymentUnavailable() from error

    async def finish(self, customer_id: UUID, setup_id: str) -> SavedCard:
        """The card that the browser has saved. Raises `SetupNotFound`, `CardNotSaved` or `PaymentUnavailable`."""
        try:
            setup = await self._gateway.retrieve_setup(setup_id)
        except StripeRefused as error:
            raise SetupNotFound() from error
        except StripeUnknown as error:
            raise PaymentUnavailable() from error
        if setup.facts.customer_id != customer_id:
            raise SetupNotFound()
        card = await self.keep(setup)
        if card is None:
            raise CardNotSaved(setup_status=setup.facts.status)
        return card

    async def keep(self, setup: Setup) -> SavedCard | None:
        """Keeps the card of a SetupIntent of ours that has succeeded; null if there is none (any more)."""
        facts = setup.facts
        if facts.status != "succeeded" or facts.customer_id is None or setup.card is None:
            return None
        card: SavedCard | None = await self._commands.execute(KeepCard(facts.customer_id, setup.card))
        return card

    async def detach(self, card: RemovedCard) -> None:
        """Has Stripe let go of a removed card; one that it let go of before is refused, which is as good."""
        with suppress(StripeRefused):
            await self._gateway.detach_card(card.stripe_payment_method_id)
        await self._commands.execute(CardDetached(card.id))

    async def forget(self, customer: ForgottenCustomer) -> None:
        """Has Stripe delete an erased customer with all cards; one that is gone is refused, which is as good."""
        with suppress(StripeRefused):
            await self._gateway.delete_customer(customer.stripe_customer_id)
        await self._commands.execute(StripeForgot(customer.customer_id))

    async def _stripe_customer(self, customer_id: UUID) -> str:
        if known := await stripe_customer_of(self._database, customer_id):
            return known

        async def create(key: str) -> str:
            return await self._gateway.create_customer(customer_id, key)

        made = await _under_a_live_key(customer_key(customer_id), create)
        await self._commands.execute(RecordStripeCustomer(customer_id, made))
        return await stripe_customer_of(self._database, customer_id) or made


async def _under_a_live_key(key: str, create: Callable[[str], Awaitable[T]]) -> T:
    """A key that only ever gives an error is followed by a new one: what nobody uses does no harm at Stripe."""
    try:
        return await create(key)
    except StripeUnknown as unknown:
        if not unknown.key_spent:
            raise
    return await create(f"{key}:{new_id()}")
