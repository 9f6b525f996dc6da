"""Stripe's lists, a page at a time, so that a long one is never one long call."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from payments.adapters.stripe_calls import StripeCalls
from payments.adapters.stripe_facts import event_facts, intent_facts, is_ours, movement_facts, refund_facts
from payments.adapters.stripe_gateway import Listing
from payments.domain.facts import EVENT_TYPES, IntentFacts, MovementFacts, RefundFacts, StripeEvent

log = logging.getLogger(__name__)

T = TypeVar("T")

PAGE = 100


class StripeLists(StripeCalls):
    """See `StripeGateway`."""

    async def undelivered_events(self, since: datetime, after: str = "") -> Listing[StripeEvent]:
        wanted = {"delivery_success": False, "types": [*EVENT_TYPES]}
        return await self._page("list events", self.v1.events.list_async, wanted, since, after, event_of)

    async def intents_since(self, since: datetime, after: str = "") -> Listing[IntentFacts]:
        return await self._page("list intents", self.v1.payment_intents.list_async, {}, since, after, intent_facts)

    async def refunds_since(self, since: datetime, after: str = "") -> Listing[RefundFacts]:
        return await self._page("list refunds", self.v1.refunds.list_async, {}, since, after, refund_facts)

    async def movements_since(self, since: datetime, after: str = "") -> Listing[MovementFacts]:
        wanted = {"expand": ["data.source"]}
        listing = self.v1.balance_transactions.list_async
        return await self._page("list movements", listing, wanted, since, after, movement_facts)

    async def _page(
        self,
        what: str,
        listing: Callable[[dict[str, Any]], Any],
        wanted: dict[str, Any],
        since: datetime,
        after: str,
        read: Callable[[Mapping[str, Any]], T | None],
    ) -> Listing[T]:
        params = {**wanted, "created": {"gte": unix(since)}, "limit": PAGE}
        if after:
            params["starting_after"] = after
        page = await self.ask(what, lambda: listing(params))
        found = [_readable(what, read, each.to_dict()) for each in page.data]
        following = page.data[-1].id if page.has_more and page.data else ""
        return Listing(tuple(one for one in found if one is not None), following)


def _readable(what: str, read: Callable[[Mapping[str, Any]], T | None], each: dict[str, Any]) -> T | None:
    """One that can't be read must not hide the others."""
    try:
        return read(each)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("%s: unreadable", what, extra={"id": each.get("id"), "error": type(error).__name__})
        return None


def event_of(event: Mapping[str, Any]) -> StripeEvent | None:
    """An event of a type that has an effect here; null for the others, and for intents that others made."""
    kind, subject = event["type"], event["data"]["object"]
    if kind.startswith("payment_intent.") and "status" not in subject and not is_ours(subject):
        return None
    facts = event_facts(kind, subject)
    return None if facts is None else StripeEvent(event["id"], event["type"], facts)


def unix(instant: datetime) -> int:
    """Whole seconds, as Stripe reckons time."""
    return int(instant.timestamp())
