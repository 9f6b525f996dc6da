"""Answers that carry a payment intent: kept without its secret, given out with it."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Response
from shared.db.engine import Database
from shared.http.answers import REPLAYED, answer
from shared.http.idempotency import IdempotencyKey, complete, once
from shared.money import dollars

from booking.adapters.intents import Intent

Parts = tuple[dict[str, Any], Intent | None, bool]
"""(the rest of the answer, the intent, whether there is anything to pay)."""


async def answer_with_intent(
    database: Database,
    key: IdempotencyKey | None,
    status: int,
    work: Callable[[], Awaitable[Parts]],
    intent_again: Callable[[dict[str, Any]], Awaitable[Intent | None]],
) -> Response:
    """The answer that `work` makes; for a key used before the first one, its intent asked for anew."""
    done, before = await once(database, key, work)
    if before is not None:
        return answer(with_secret(before.body, await intent_again(before.body)), before.status, REPLAYED)
    rest, intent, is_due = done
    kept = with_intent(rest, intent, is_due)
    await complete(database, key, status, kept)
    return answer(with_secret(kept, intent), status)


def with_intent(rest: dict[str, Any], intent: Intent | None, is_due: bool) -> dict[str, Any]:
    """The answer as it is kept: with the intent, or with why there is none although something is to be paid."""
    kept = {**rest, "payment_intent": kept_intent(intent) if intent else None}
    if intent is None and is_due:
        kept["payment_error"] = "payment_unavailable"
    return kept


def kept_intent(intent: Intent) -> dict[str, Any]:
    """An intent without its secret."""
    return {
        "id": intent.id,
        "amount_cents": intent.amount_cents,
        "amount_dollars": dollars(intent.amount_cents),
        "status": intent.status,
    }


def with_secret(kept: dict[str, Any], intent: Intent | None) -> dict[str, Any]:
    """A kept answer as it is given out: with the intent as it is by now and its secret, if it can be had."""
    shown = dict(kept)
    if intent is not None:
        shown.pop("payment_error", None)
        shown["payment_intent"] = {**kept_intent(intent), "client_secret": intent.client_secret}
    elif shown["payment_intent"] is not None:
        shown["payment_intent"] = {**shown["payment_intent"], "client_secret": None}
    return shown
