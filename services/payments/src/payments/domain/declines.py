"""Why a card was declined, in our words. The processor's own texts never reach customers."""

_SENTENCES = {
    "insufficient_funds": "The card has insufficient funds.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The card's security code is wrong.",
    "incorrect_number": "The card's number is wrong.",
    "invalid_expiry_month": "The card's expiry date is wrong.",
    "invalid_expiry_year": "The card's expiry date is wrong.",
    "authentication_required": "The bank wants you to confirm this payment.",
    "payment_intent_authentication_failure": "The bank could not confirm that it is you who pays.",
    "processing_error": "The card could not be processed. Please try again in a moment.",
    "card_velocity_exceeded": "The card's limit is reached.",
}


def decline_sentence(code: str) -> str:
    """A sentence for the customer. Lost, stolen and suspicious cards read as any other declined one, on purpose."""
    return _SENTENCES.get(code, "The card was declined.")
