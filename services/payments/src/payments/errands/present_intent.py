"""Ask Stripe how an intent stands, for somebody who waits for the answer."""

from payments.adapters.stripe_gateway import Intent, StripeGateway, StripeRefused, StripeUnknown
from payments.domain.errors import PaymentUnavailable


async def present_intent(gateway: StripeGateway, intent_id: str) -> Intent:
    """The intent as it is now, with its secret. Raises `PaymentUnavailable`."""
    try:
        return await gateway.retrieve_intent(intent_id)
    except (StripeUnknown, StripeRefused) as error:
        raise PaymentUnavailable() from error
