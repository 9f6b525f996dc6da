"""Payment methods: test cards by token or number, and the customers they belong to."""

from . import shapes
from .cards import CARDS, SET_UP_CARD, TestCard, name_of_number, name_of_token
from .errors import ApiError, Json, bad_parameter, missing, refused
from .listing import listed
from .params import Params
from .work import Call, Work, new_id


def chosen(work: Work, params: Params) -> Json | None:
    """The payment method that parameters name by `payment_method` (an id or a test token) or describe by its data."""
    if "payment_method_data" in params:
        return described(work, params.nested("payment_method_data"))
    named = params.text("payment_method")
    return by_name(work, named, param="payment_method") if named else None


def by_name(work: Work, name: str, *, param: str | None = None) -> Json:
    """An existing one by its id, or a fresh one for a token such as `pm_card_visa`."""
    card = name_of_token(name)
    return _make(work, card) if card else work.get("payment_method", name, param=param)


def described(work: Work, data: Params) -> Json:
    """A fresh one from `type=card` with a card's number or token; raises ApiError for a number nobody knows."""
    data.only({"type", "card", "billing_details", "metadata", "allow_redisplay", "radar_options"})
    if data.required("type") != "card":
        raise bad_parameter("The sandbox takes cards only.", "type")
    card = data.nested("card")
    number, token = card.text("number"), card.text("token")
    name = name_of_token(token) if token else name_of_number(number or card.required("number"))
    if name is None:
        raise ApiError(402, "card_error", "Your card number is incorrect.", code="incorrect_number", param="number")
    method = _make(work, name)
    changes = {"billing_details": _billing(data), "metadata": data.metadata({})}
    work.change(method, **changes)
    return method


def _billing(data: Params) -> Json:
    given = data.nested("billing_details")
    given.only({"address", "email", "name", "phone", "tax_id"})
    details = shapes.no_billing_details()
    details |= {name: given.text(name) for name in ("email", "name", "phone", "tax_id")}
    address = given.nested("address")
    address.only(details["address"])
    details["address"] = {name: address.text(name) for name in details["address"]}
    return details


def _make(work: Work, card: str) -> Json:
    method = work.add(shapes.payment_method(new_id("pm"), work.created, CARDS[card].shape()))
    work.store.execute("INSERT INTO test_cards VALUES (?, ?)", method["id"], card)
    return method


def card_of(work: Work, method: Json) -> TestCard:
    return CARDS[work.store.value("SELECT card FROM test_cards WHERE payment_method = ?", method["id"])]


def save_for(work: Work, method: Json, customer: str, *, authenticated: bool = False) -> None:
    """Attach to a customer; a card challenged now needs no challenge later if it is one of that kind."""
    if authenticated and card_of(work, method).challenge == "until_set_up":
        work.store.execute("UPDATE test_cards SET card = ? WHERE payment_method = ?", SET_UP_CARD, method["id"])
    previous = work.change(method, customer=customer)
    if previous:
        work.emit("payment_method.attached", method, previous)


def let_go(work: Work, method: Json) -> None:
    """Detach from the customer; from now on it can't be used any more."""
    work.store.execute("INSERT OR IGNORE INTO detached_cards VALUES (?)", method["id"])
    work.emit("payment_method.detached", method, work.change(method, customer=None))


def check_owner(work: Work, method: Json, customer: str | None) -> None:
    """Refuse a card that was saved for somebody else, or that was detached."""
    if work.store.value("SELECT count(*) FROM detached_cards WHERE payment_method = ?", method["id"]):
        raise refused("The provided PaymentMethod was detached from a Customer. It may not be used again.")
    if method["customer"] is not None and method["customer"] != customer:
        raise refused(
            "The payment method supplied belongs to a different Customer, or this call names none.",
            param="payment_method",
        )


def create(call: Call) -> Json:
    return described(call.work, call.params)


def retrieve(call: Call) -> Json:
    return call.work.get("payment_method", call.id)


def list_all(call: Call) -> Json:
    call.params.only({"customer", "type", "allow_redisplay", "limit", "starting_after", "ending_before"})
    return listed(call, "payment_method", fields=("customer", "type"))


def update(call: Call) -> Json:
    call.params.only({"billing_details", "metadata", "allow_redisplay"})
    method = call.work.get("payment_method", call.id)
    fields: Json = {"metadata": call.params.metadata(method["metadata"])}
    if "billing_details" in call.params:
        fields["billing_details"] = _billing(call.params)
    previous = call.work.change(method, **fields)
    if previous:
        call.work.emit("payment_method.updated", method, previous)
    return method


def attach(call: Call) -> Json:
    call.params.only({"customer"})
    customer = call.work.get("customer", call.params.required("customer"), param="customer")
    method = by_name(call.work, call.id)
    card = card_of(call.work, method)
    if card.decline and not card.saves:
        why = card.decline
        raise ApiError(402, "card_error", why.message, code=why.code, decline_code=why.reason)
    if method["customer"] not in {None, customer["id"]}:
        raise refused("The payment method you provided has already been attached to a customer.")
    save_for(call.work, method, customer["id"])
    return method


def detach(call: Call) -> Json:
    call.params.only(())
    method = call.work.get("payment_method", call.id)
    if method["customer"] is None:
        raise refused(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    let_go(call.work, method)
    return method


def list_of_customer(call: Call) -> Json:
    call.params.only({"type", "allow_redisplay", "limit", "starting_after", "ending_before"})
    call.params.values["customer"] = call.work.get("customer", call.id)["id"]
    return listed(call, "payment_method", fields=("customer", "type"))


def retrieve_of_customer(call: Call) -> Json:
    method = call.work.get("payment_method", call.ids["method"])
    if method["customer"] != call.id:
        raise missing("PaymentMethod", call.ids["method"], param="payment_method")
    return method
