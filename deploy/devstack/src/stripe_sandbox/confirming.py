"""What a confirmed PaymentIntent goes through: decline, challenge, waiting, success."""

from . import charges
from .cards import UNAUTHENTICATED, Decline
from .errors import ApiError, Json
from .payment_methods import card_of, save_for
from .work import Work

_CHALLENGE_FAILED = Decline(
    "payment_intent_authentication_failure",
    "",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
_LATE_FAILURE = Decline("card_declined", "generic_decline", "The bank refused the payment after all.")


def confirm(work: Work, intent: Json, method: Json, *, off_session: bool, return_url: str | None) -> Json:
    """Try the card; raises ApiError (402, with its effect kept) if the bank declines."""
    work.change(intent, last_payment_error=None, next_action=None)
    card = card_of(work, method)
    challenged = card.challenge != "never"
    why = UNAUTHENTICATED if challenged and off_session else card.decline
    if why:
        raise _declined(work, intent, method, why)
    if challenged:
        return _ask_buyer(work, intent, return_url)
    return _charge(work, intent, method, authenticated=False)


def _declined(work: Work, intent: Json, method: Json, why: Decline) -> ApiError:
    charge = charges.decline(work, intent, method, why)
    error = _error(why) | {"charge": charge["id"]}
    fail(work, intent, method, error, charge["id"])
    details = {name: value for name, value in error.items() if name not in {"type", "message"}}
    return ApiError(
        402, "card_error", why.message, keeps_effect=True, payment_intent=dict(intent), payment_method=method, **details
    )


def _error(why: Decline) -> Json:
    error = {
        "code": why.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{why.code.replace('_', '-')}",
        "message": why.message,
        "type": "card_error",
    }
    return error | ({"decline_code": why.reason} if why.reason else {})


def fail(work: Work, intent: Json, method: Json, error: Json, charge_id: str | None) -> None:
    """Back to `requires_payment_method`, so that another card can follow."""
    work.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        last_payment_error=error | {"payment_method": method},
        latest_charge=charge_id or intent["latest_charge"],
        next_action=None,
        processing=None,
    )
    work.emit("payment_intent.payment_failed", intent)


def _ask_buyer(work: Work, intent: Json, return_url: str | None) -> Json:
    page = f"{work.base_url}/_sandbox/payment_intents/{intent['id']}/authenticate"
    work.change(intent, status="requires_action", next_action=challenge(page, return_url))
    work.emit("payment_intent.requires_action", intent)
    return intent


def challenge(page: str, return_url: str | None) -> Json:
    """Where the buyer answers 3-D Secure: a redirect if there is a way back, else a task for Stripe.js."""
    if return_url:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page}}


def authenticate(work: Work, intent: Json, *, succeed: bool) -> Json:
    """The buyer's answer to the challenge of an intent that is `requires_action`."""
    method = work.get("payment_method", intent["payment_method"])
    if succeed:
        return _charge(work, intent, method, authenticated=True)
    error = _error(_CHALLENGE_FAILED) | {"type": "invalid_request_error"}
    fail(work, intent, method, error, None)
    return intent


def _charge(work: Work, intent: Json, method: Json, *, authenticated: bool) -> Json:
    if card_of(work, method).settles:
        work.change(intent, status="processing", next_action=None)
        work.emit("payment_intent.processing", intent)
        work.later("settle", intent["id"])
        return intent
    return _succeed(work, intent, method, authenticated=authenticated)


def settle(work: Work, intent: Json, *, succeed: bool) -> Json:
    """The end of an intent that is `processing`."""
    method = work.get("payment_method", intent["payment_method"])
    if succeed:
        return _succeed(work, intent, method, authenticated=False)
    charge = charges.decline(work, intent, method, _LATE_FAILURE)
    fail(work, intent, method, _error(_LATE_FAILURE) | {"charge": charge["id"]}, charge["id"])
    return intent


def settle_as_card_does(work: Work, intent_id: str) -> None:
    """The consequence that a processing card leaves; nothing if somebody settled it before."""
    intent = work.get("payment_intent", intent_id)
    if intent["status"] == "processing":
        method = work.get("payment_method", intent["payment_method"])
        settle(work, intent, succeed=card_of(work, method).settles == "succeed")


def _succeed(work: Work, intent: Json, method: Json, *, authenticated: bool) -> Json:
    if intent["customer"] and intent["setup_future_usage"]:
        save_for(work, method, intent["customer"], authenticated=authenticated)
    disputed = card_of(work, method).disputed
    charge = charges.capture(work, intent, method, authenticated=authenticated, disputed=disputed)
    work.change(
        intent,
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        processing=None,
    )
    work.emit("payment_intent.succeeded", intent)
    return intent
