"""PaymentIntents: create, read, update, confirm, cancel, list and search."""

from . import shapes
from .confirming import confirm as try_card
from .errors import ApiError, Json, bad_parameter, refused
from .listing import listed
from .listing import search as search_objects
from .params import Params
from .payment_methods import check_owner, chosen
from .work import Call, Work, new_id

_MIN_CENTS, _MAX_CENTS = 50, 99_999_999
_TEXTS = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
_UPDATED = {
    "amount",
    "currency",
    "customer",
    "metadata",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "setup_future_usage",
    "payment_method_options",
    "shipping",
    *_TEXTS,
}
_CREATED = _UPDATED | {
    "automatic_payment_methods",
    "confirm",
    "off_session",
    "capture_method",
    "confirmation_method",
    "return_url",
    "use_stripe_sdk",
    "error_on_requires_action",
    "mandate_data",
    "radar_options",
}
_CONFIRMED = {
    "payment_method",
    "payment_method_data",
    "off_session",
    "return_url",
    "setup_future_usage",
    "receipt_email",
    "use_stripe_sdk",
    "mandate_data",
    "payment_method_options",
    "payment_method_types",
    "shipping",
    "expected_payment_method_type",
    "capture_method",
    "error_on_requires_action",
    "radar_options",
}
_FREELY_UPDATED = {"description", "metadata", "receipt_email", "expand"}
_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}
_CANCELLATIONS = {"duplicate", "fraudulent", "requested_by_customer", "abandoned"}
_VERB_PAST = {"succeeded": "it has already succeeded", "canceled": "it has been canceled"}


def create(call: Call) -> Json:
    call.params.only(_CREATED)
    amount, currency = _amount(call.params), _currency(call.params.required("currency"))
    intent_id = new_id("pi")
    secret = f"{intent_id}_secret_{new_id('x')[2:]}"
    intent = shapes.payment_intent(intent_id, call.work.created, secret, amount, currency)
    intent |= _methods(call.params) | _details(call.work, call.params, intent)
    capture = call.params.choice("capture_method", {"automatic", "automatic_async"})
    intent["capture_method"] = capture or intent["capture_method"]
    intent |= method_fields(call.work, call.params, intent["customer"])
    confirming = call.params.flag("confirm")
    _check_confirmation(call.params, intent, confirming)
    call.work.add(intent)
    call.work.emit("payment_intent.created", intent)
    return _confirm(call, intent) if confirming else intent


def _amount(params: Params) -> int:
    params.required("amount")
    amount = params.integer("amount") or 0
    if amount < _MIN_CENTS:
        raise bad_parameter("Amount must be at least $0.50 usd", "amount", "amount_too_small")
    if amount > _MAX_CENTS:
        raise bad_parameter("Amount must be no more than $999,999.99", "amount", "amount_too_large")
    return amount


def _currency(text: str) -> str:
    if text.lower() != "usd":
        raise bad_parameter(f"Invalid currency: {text}. The sandbox takes usd only.", "currency")
    return "usd"


def _methods(params: Params) -> Json:
    automatic = params.nested("automatic_payment_methods")
    automatic.only({"enabled", "allow_redirects"})
    types = params.strings("payment_method_types")
    if types:
        if automatic.flag("enabled"):
            raise refused(
                "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
            )
        return {"payment_method_types": types}
    redirects = automatic.choice("allow_redirects", {"always", "never"}) or "always"
    return {
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True},
        "payment_method_configuration_details": shapes.CONFIGURATION,
    }


def _details(work: Work, params: Params, intent: Json) -> Json:
    """The fields that create and update share, checked; only those that were given."""
    given: Json = {name: params.text(name) for name in _TEXTS if name in params}
    if "customer" in params:
        customer = params.text("customer")
        given["customer"] = work.get("customer", customer, param="customer")["id"] if customer else None
    if "setup_future_usage" in params:
        given["setup_future_usage"] = params.choice("setup_future_usage", {"on_session", "off_session"})
    if "metadata" in params:
        given["metadata"] = params.metadata(intent["metadata"])
    return given


def method_fields(work: Work, params: Params, customer: str | None) -> Json:
    """What naming a payment method changes in an intent, nothing if none is named; refuses another customer's."""
    method = chosen(work, params)
    if method is None:
        return {}
    check_owner(work, method, customer)
    return {"payment_method": method["id"], "status": "requires_confirmation"}


def _check_confirmation(params: Params, intent: Json, confirming: bool) -> None:
    if confirming and intent["payment_method"] is None:
        raise _no_method(intent)
    if "off_session" in params and not confirming:
        raise bad_parameter("off_session can only be used when confirm=true.", "off_session")


def _no_method(intent: Json) -> ApiError:
    return refused(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
        "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with one.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


def _confirm(call: Call, intent: Json) -> Json:
    method = call.work.get("payment_method", intent["payment_method"], param="payment_method")
    off_session = call.params.text("off_session") not in {None, "false"}
    return try_card(call.work, intent, method, off_session=off_session, return_url=call.params.text("return_url"))


def find(call: Call) -> Json:
    """The intent of the path, for the secret key or for whoever holds its client secret."""
    intent = call.work.get("payment_intent", call.id)
    secret = call.params.text("client_secret")
    if (call.publishable or secret) and secret != intent["client_secret"]:
        raise refused(
            "The client_secret provided does not match the client_secret associated with the PaymentIntent.",
            code="payment_intent_invalid_parameter" if secret else "parameter_missing",
            param="client_secret",
        )
    return intent


def retrieve(call: Call) -> Json:
    return find(call)


def confirm(call: Call) -> Json:
    call.params.only(_CONFIRMED)
    intent = find(call)
    _check_state(intent, "confirm", _OPEN)
    fields = _details(call.work, call.params, intent)
    fields |= method_fields(call.work, call.params, intent["customer"])
    if not fields.get("payment_method", intent["payment_method"]):
        raise _no_method(intent)
    call.work.change(intent, **fields)
    return _confirm(call, intent)


def update(call: Call) -> Json:
    call.params.only(_UPDATED)
    intent = find(call)
    if not _FREELY_UPDATED.issuperset(call.params.values):
        _check_state(intent, "update", _OPEN)
    fields = _details(call.work, call.params, intent)
    if "amount" in call.params:
        fields["amount"] = _amount(call.params)
    if "currency" in call.params:
        fields["currency"] = _currency(call.params.required("currency"))
    fields |= method_fields(call.work, call.params, fields.get("customer", intent["customer"]))
    call.work.change(intent, **fields)
    return intent


def cancel(call: Call) -> Json:
    call.params.only({"cancellation_reason"})
    reason = call.params.choice("cancellation_reason", _CANCELLATIONS)
    intent = find(call)
    _check_state(intent, "cancel", _OPEN)
    call.work.change(
        intent,
        status="canceled",
        canceled_at=call.work.created,
        cancellation_reason=reason,
        next_action=None,
    )
    call.work.emit("payment_intent.canceled", intent)
    return intent


def _check_state(intent: Json, verb: str, allowed: set[str]) -> None:
    status = intent["status"]
    if status not in allowed:
        why = _VERB_PAST.get(status, f"it has a status of {status}")
        raise refused(
            f"You cannot {verb} this PaymentIntent because {why}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )


def list_all(call: Call) -> Json:
    call.params.only({"customer", "created", "limit", "starting_after", "ending_before"})
    return listed(call, "payment_intent", fields=("customer",))


def search(call: Call) -> Json:
    return search_objects(call, "payment_intent")
