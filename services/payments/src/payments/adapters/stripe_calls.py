"""Calls through Stripe's official library: how they are made, how long they may take, what their failures mean."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import stripe
from shared.context import remaining_seconds
from shared.telemetry import meter, tracer

from payments.adapters.stripe_gateway import StripeRefused, StripeUnknown

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_CALL_SECONDS = 8.0
CONNECT_SECONDS = 2.0
RESERVE_SECONDS = 0.5
"""Kept back from what remains of the request, so that we and not our caller decide what a silence means."""

_ANSWERED_FOR_GOOD = (400, 402, 404)

_failures = meter.create_counter("stripe.failures", description="Calls to Stripe whose effect is unknown")


class StripeCalls:
    """One client of Stripe's. No call is repeated here: whoever called decides what silence means."""

    def __init__(self, api_base: str, secret_key: str) -> None:
        self._api_base = api_base
        self._secret_key = secret_key
        self._http: Any = None
        self._client: stripe.StripeClient | None = None

    async def start(self) -> None:
        """Opens the pool of connections."""
        timeout = aiohttp.ClientTimeout(total=LONGEST_CALL_SECONDS, sock_connect=CONNECT_SECONDS)
        self._http = stripe.AIOHTTPClient(timeout=timeout)
        self._client = stripe.StripeClient(
            self._secret_key,
            base_addresses={"api": self._api_base},
            stripe_version=stripe.api_version,
            max_network_retries=0,
            http_client=self._http,
        )

    async def stop(self) -> None:
        """Closes the pool."""
        await self._http.close_async()

    @property
    def v1(self) -> Any:
        """The API's first version, the only one there is for what we use."""
        assert self._client is not None, "start() comes first"
        return self._client.v1

    async def ask(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        """Runs one call in the time that is left, and turns whatever goes wrong into one of our two exceptions."""
        seconds = remaining_seconds(LONGEST_CALL_SECONDS + RESERVE_SECONDS) - RESERVE_SECONDS
        if seconds <= 0:
            raise StripeUnknown(f"{what}: no time left")
        with tracer.start_as_current_span(f"stripe {what}"):
            try:
                async with asyncio.timeout(seconds):
                    return await call()
            except (stripe.StripeError, aiohttp.ClientError, TimeoutError, OSError) as error:
                raise _typed(what, error) from error


def _typed(what: str, error: Exception) -> StripeRefused | StripeUnknown:
    status = getattr(error, "http_status", None)
    settled = isinstance(error, stripe.InvalidRequestError | stripe.CardError) and status in _ANSWERED_FOR_GOOD
    log.warning("Stripe: %s failed", what, extra={"error": type(error).__name__, "status": status})
    if settled:
        code = str(getattr(error, "code", None) or "invalid_request")
        return StripeRefused(code, by_bank=isinstance(error, stripe.CardError))
    _failures.add(1, {"call": what})
    return StripeUnknown(f"{what}: {type(error).__name__}", key_spent=_is_spent(error, status))


def _is_spent(error: Exception, status: int | None) -> bool:
    """A replayed server error is all that this idempotency key will ever give."""
    if isinstance(error, stripe.IdempotencyError):
        return status == 400
    headers = {name.lower(): value for name, value in (getattr(error, "headers", None) or {}).items()}
    return (status or 0) >= 500 and headers.get("idempotent-replayed") == "true"
