"""Keep, choose and remove saved cards: exactly one of a customer's cards is the default."""

from dataclasses import dataclass
from uuid import UUID

from shared.db.unit_of_work import UnitOfWork
from shared.http.idempotency import IdempotencyKey, claim
from shared.ids import new_id
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from payments.adapters.card_tables import erased_people, saved_cards, stripe_customers
from payments.adapters.wallets import cards_in, lock_owner, lock_wallet
from payments.domain.card import SavedCard
from payments.domain.errors import CardNotFound
from payments.domain.facts import CardFacts


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """Begin something at Stripe that `key` may repeat; the answer names it for good."""

    key: IdempotencyKey | None


async def claim_key(command: ClaimKey, uow: UnitOfWork) -> UUID:
    """The id under which it is done, the same for every repetition."""
    return await claim(uow, command.key, new_id())


@dataclass(frozen=True, slots=True)
class RecordStripeCustomer:
    """Stripe knows the customer by this id."""

    customer_id: UUID
    stripe_customer_id: str


async def record_stripe_customer(command: RecordStripeCustomer, uow: UnitOfWork) -> None:
    """Whoever made it first is right; mostly all made it under one key. One who was erased meanwhile is forgotten."""
    await lock_owner(uow, command.customer_id)
    is_erased = select(erased_people.c.customer_id).where(erased_people.c.customer_id == command.customer_id)
    values = {
        "customer_id": command.customer_id,
        "stripe_customer_id": command.stripe_customer_id,
        "created_at": uow.now,
        "forget_at": uow.now if await uow.scalar(is_erased) else None,
    }
    await uow.execute(insert(stripe_customers).values(values).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class KeepCard:
    """Stripe has saved a card for the customer."""

    customer_id: UUID
    card: CardFacts


async def keep_card(command: KeepCard, uow: UnitOfWork) -> SavedCard | None:
    """The card, kept once; the first one is the default. Null if it was removed before, or the customer was erased."""
    if not await lock_wallet(uow, command.customer_id):
        return None
    cards, card = await cards_in(uow, command.customer_id), command.card
    values = {
        "id": new_id(),
        "customer_id": command.customer_id,
        "stripe_payment_method_id": card.id,
        "brand": card.brand,
        "last_four": card.last_four,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "is_default": not cards,
        "created_at": uow.now,
    }
    await uow.execute(insert(saved_cards).values(values).on_conflict_do_nothing())
    kept = await cards_in(uow, command.customer_id)
    return next((one for one in kept if one.stripe_payment_method_id == card.id), None)


@dataclass(frozen=True, slots=True)
class ChooseDefaultCard:
    """The customer wants to pay with this card from now on."""

    customer_id: UUID
    card_id: UUID


async def choose_default_card(command: ChooseDefaultCard, uow: UnitOfWork) -> SavedCard:
    """The card, now the default. Raises `CardNotFound`."""
    card = await _locked_card(uow, command.customer_id, command.card_id)
    await _make_default(uow, card)
    return next(one for one in await cards_in(uow, command.customer_id) if one.id == card.id)


@dataclass(frozen=True, slots=True)
class RemoveCard:
    """The customer does not want this card to be kept."""

    customer_id: UUID
    card_id: UUID


async def remove_card(command: RemoveCard, uow: UnitOfWork) -> None:
    """It is gone at once; the worker has Stripe let go of it. Raises `CardNotFound`."""
    card = await _locked_card(uow, command.customer_id, command.card_id)
    await _remove(uow, card, {"detach_at": uow.now})


@dataclass(frozen=True, slots=True)
class UpdateCard:
    """Stripe told how a card is now."""

    card: CardFacts


async def update_card(command: UpdateCard, uow: UnitOfWork) -> bool:
    """Takes over a new expiry date, or removes a card that Stripe let go of. False if it is none of ours."""
    card = command.card
    known = saved_cards.c.stripe_payment_method_id == card.id, saved_cards.c.removed_at.is_(None)
    row = await uow.fetch_one(select(saved_cards.c.customer_id, saved_cards.c.id).where(*known))
    if row is None:
        return False
    if not card.stripe_customer_id:
        await _remove(uow, await _locked_card(uow, row.customer_id, row.id), {})
        return True
    now = {name: getattr(card, name) for name in ("brand", "last_four", "exp_month", "exp_year")}
    await uow.execute(update(saved_cards).where(*known).values(now))
    return True


async def _locked_card(uow: UnitOfWork, customer_id: UUID, card_id: UUID) -> SavedCard:
    if await lock_wallet(uow, customer_id):
        for card in await cards_in(uow, customer_id):
            if card.id == card_id:
                return card
    raise CardNotFound()


async def _make_default(uow: UnitOfWork, card: SavedCard) -> None:
    of_customer = saved_cards.c.customer_id == card.customer_id
    await uow.execute(update(saved_cards).where(of_customer, saved_cards.c.is_default).values(is_default=False))
    await uow.execute(update(saved_cards).where(saved_cards.c.id == card.id).values(is_default=True))


async def _remove(uow: UnitOfWork, card: SavedCard, detaching: dict[str, object]) -> None:
    gone = {"is_default": False, "removed_at": uow.now, **detaching}
    await uow.execute(update(saved_cards).where(saved_cards.c.id == card.id).values(gone))
    left = await cards_in(uow, card.customer_id)
    if left and card.is_default:
        await _make_default(uow, left[0])


@dataclass(frozen=True, slots=True)
class CardDetached:
    """Stripe has let go of a removed card, or had done so before."""

    card_id: UUID


async def card_detached(command: CardDetached, uow: UnitOfWork) -> None:
    """Nothing is left to do."""
    await uow.execute(update(saved_cards).where(saved_cards.c.id == command.card_id).values(detach_at=None))
