"""SetupIntents: saving a customer's card without a payment."""

from . import shapes
from .cards import Decline
from .confirming import challenge
from .errors import ApiError, Json, refused
from .intents import method_fields
from .listing import listed
from .payment_methods import card_of, save_for
from .work import Call, Work, new_id

_CREATED = {
    "customer",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "automatic_payment_methods",
    "confirm",
    "usage",
    "metadata",
    "description",
    "return_url",
    "use_stripe_sdk",
    "payment_method_options",
    "mandate_data",
}
_CONFIRMED = {
    "payment_method",
    "payment_method_data",
    "return_url",
    "use_stripe_sdk",
    "mandate_data",
    "payment_method_options",
}
_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(call: Call) -> Json:
    params, work = call.params, call.work
    params.only(_CREATED)
    intent_id = new_id("seti")
    intent = shapes.setup_intent(intent_id, work.created, f"{intent_id}_secret_{new_id('x')[2:]}")
    customer = params.text("customer")
    intent |= {
        "customer": work.get("customer", customer, param="customer")["id"] if customer else None,
        "description": params.text("description"),
        "metadata": params.metadata({}),
        "usage": params.choice("usage", {"on_session", "off_session"}) or "off_session",
    }
    if not params.strings("payment_method_types"):
        intent["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
        intent["payment_method_configuration_details"] = shapes.CONFIGURATION
    intent |= method_fields(work, params, intent["customer"])
    work.add(intent)
    work.emit("setup_intent.created", intent)
    return _confirm(call, intent) if params.flag("confirm") else intent


def find(call: Call) -> Json:
    """The intent of the path, for the secret key or for whoever holds its client secret."""
    intent = call.work.get("setup_intent", call.id)
    secret = call.params.text("client_secret")
    if (call.publishable or secret) and secret != intent["client_secret"]:
        raise refused(
            "The client_secret provided does not match the client_secret associated with the SetupIntent.",
            code="setup_intent_invalid_parameter" if secret else "parameter_missing",
            param="client_secret",
        )
    return intent


def retrieve(call: Call) -> Json:
    return find(call)


def confirm(call: Call) -> Json:
    call.params.only(_CONFIRMED)
    intent = find(call)
    _check_open(intent, "confirm")
    call.work.change(intent, **method_fields(call.work, call.params, intent["customer"]))
    return _confirm(call, intent)


def _check_open(intent: Json, verb: str) -> None:
    if intent["status"] not in _OPEN:
        raise refused(
            f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
            setup_intent=intent,
        )


def _confirm(call: Call, intent: Json) -> Json:
    work = call.work
    if intent["payment_method"] is None:
        raise refused("You cannot confirm this SetupIntent because it's missing a payment method.", setup_intent=intent)
    method = work.get("payment_method", intent["payment_method"], param="payment_method")
    card = card_of(work, method)
    work.change(intent, last_setup_error=None)
    if card.decline and not card.saves:
        raise _declined(work, intent, method, card.decline)
    if card.challenge != "never":
        page = f"{work.base_url}/_sandbox/setup_intents/{intent['id']}/authenticate"
        work.change(intent, status="requires_action", next_action=challenge(page, call.params.text("return_url")))
        work.emit("setup_intent.requires_action", intent)
        return intent
    return _succeed(work, intent, method, authenticated=False)


def _declined(work: Work, intent: Json, method: Json, why: Decline) -> ApiError:
    codes: Json = {"code": why.code, "decline_code": why.reason}
    _fail(work, intent, method, codes | {"message": why.message, "type": "card_error"})
    return ApiError(402, "card_error", why.message, keeps_effect=True, setup_intent=dict(intent), **codes)


def _fail(work: Work, intent: Json, method: Json, error: Json) -> None:
    work.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error=error | {"payment_method": method},
    )
    work.emit("setup_intent.setup_failed", intent)


def _succeed(work: Work, intent: Json, method: Json, *, authenticated: bool) -> Json:
    if intent["customer"]:
        save_for(work, method, intent["customer"], authenticated=authenticated)
    work.change(intent, status="succeeded", next_action=None)
    work.emit("setup_intent.succeeded", intent)
    return intent


def authenticate(work: Work, intent: Json, *, succeed: bool) -> Json:
    """The buyer's answer to the challenge of an intent that is `requires_action`."""
    method = work.get("payment_method", intent["payment_method"])
    if succeed:
        return _succeed(work, intent, method, authenticated=True)
    message = "We are unable to authenticate your payment method. Please choose a different one and try again."
    code = "setup_intent_authentication_failure"
    _fail(work, intent, method, {"code": code, "message": message, "type": "invalid_request_error"})
    return intent


def cancel(call: Call) -> Json:
    call.params.only({"cancellation_reason"})
    intent = find(call)
    _check_open(intent, "cancel")
    reason = call.params.choice("cancellation_reason", {"abandoned", "requested_by_customer", "duplicate"})
    call.work.change(intent, status="canceled", cancellation_reason=reason, next_action=None)
    call.work.emit("setup_intent.canceled", intent)
    return intent


def list_all(call: Call) -> Json:
    call.params.only({"customer", "payment_method", "created", "limit", "starting_after", "ending_before"})
    return listed(call, "setup_intent", fields=("customer", "payment_method"))
