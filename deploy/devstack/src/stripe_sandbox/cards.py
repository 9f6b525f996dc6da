"""What each test card does; names and numbers as on Stripe's testing page, except the two `processing` ones."""

from dataclasses import dataclass
from typing import Literal

from .errors import Json


@dataclass(frozen=True)
class Decline:
    """Why a bank says no: Stripe's `code` and `decline_code`, and the sentence shown to the buyer."""

    code: str
    reason: str
    message: str


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", "Your card was declined.")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
INCORRECT_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING_ERROR = Decline(
    "processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."
)
UNAUTHENTICATED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)


@dataclass(frozen=True)
class TestCard:
    """One card's behaviour.

    `challenge`: whether 3-D Secure asks the buyer; `until_set_up` asks until the card was saved with a challenge.
    `saves`: whether a card that declines can be saved for later all the same.
    `settles`: a charge that stays `processing` and ends this way. `refund`: how a refund ends after it was made.
    """

    number: str
    brand: str = "visa"
    decline: Decline | None = None
    challenge: Literal["never", "always", "until_set_up"] = "never"
    saves: bool = False
    disputed: bool = False
    settles: Literal["succeed", "fail"] | None = None
    refund: Literal["succeeds", "fails_later", "pending"] = "succeeds"

    def shape(self) -> Json:
        """The `card` of a payment method."""
        return {
            "brand": self.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": self.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"sandbox{self.number[-9:]}",
            "funding": "credit",
            "generated_from": None,
            "last4": self.number[-4:],
            "networks": {"available": [self.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        }


SET_UP_CARD = "pm_card_visa_authenticated"

CARDS = {
    "pm_card_visa": TestCard("4242424242424242"),
    "pm_card_visa_debit": TestCard("4000056655665556"),
    "pm_card_mastercard": TestCard("5555555555554444", brand="mastercard"),
    "pm_card_amex": TestCard("378282246310005", brand="amex"),
    "pm_card_discover": TestCard("6011111111111117", brand="discover"),
    "pm_card_chargeDeclined": TestCard("4000000000000002", decline=GENERIC),
    "pm_card_visa_chargeDeclined": TestCard("4000000000000002", decline=GENERIC),
    "pm_card_chargeDeclinedInsufficientFunds": TestCard("4000000000009995", decline=INSUFFICIENT),
    "pm_card_visa_chargeDeclinedInsufficientFunds": TestCard("4000000000009995", decline=INSUFFICIENT),
    "pm_card_chargeDeclinedLostCard": TestCard("4000000000009987", decline=LOST),
    "pm_card_chargeDeclinedStolenCard": TestCard("4000000000009979", decline=STOLEN),
    "pm_card_chargeDeclinedExpiredCard": TestCard("4000000000000069", decline=EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": TestCard("4000000000000127", decline=INCORRECT_CVC),
    "pm_card_chargeDeclinedProcessingError": TestCard("4000000000000119", decline=PROCESSING_ERROR),
    "pm_card_chargeCustomerFail": TestCard("4000000000000341", decline=GENERIC, saves=True),
    "pm_card_authenticationRequired": TestCard("4000002760003184", challenge="always"),
    "pm_card_threeDSecure2Required": TestCard("4000000000003220", challenge="always"),
    "pm_card_threeDSecureRequired": TestCard("4000000000003063", challenge="always"),
    "pm_card_authenticationRequiredOnSetup": TestCard("4000002500003155", challenge="until_set_up"),
    "pm_card_createDispute": TestCard("4000000000000259", disputed=True),
    "pm_card_refundFail": TestCard("4000000000005126", refund="fails_later"),
    "pm_card_pendingRefund": TestCard("4000000000007726", refund="pending"),
    "pm_card_processing": TestCard("4000000000000990", settles="succeed"),
    "pm_card_processingFails": TestCard("4000000000000991", settles="fail"),
    SET_UP_CARD: TestCard("4000002500003155"),
}

_BY_NUMBER = {card.number: name for name, card in reversed(CARDS.items()) if name != SET_UP_CARD}


def name_of_number(number: str) -> str | None:
    """The card with this number, spaces allowed; None for one that no test page lists."""
    return _BY_NUMBER.get(number.replace(" ", "").replace("-", ""))


def name_of_token(token: str) -> str | None:
    """`pm_card_visa` or `tok_visa` → the card; None for a token that no test page lists."""
    name = f"pm_card_{token.removeprefix('tok_')}" if token.startswith("tok_") else token
    return name if name in CARDS and name != SET_UP_CARD else None
