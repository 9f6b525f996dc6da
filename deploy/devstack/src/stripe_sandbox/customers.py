"""Customers: create, read, update, delete, list."""

from . import shapes
from .errors import Json
from .listing import listed
from .params import Params
from .payment_methods import let_go
from .work import Call, Work, new_id

_TEXTS = ("description", "email", "name", "phone")
_NESTED = {
    "address": ("city", "country", "line1", "line2", "postal_code", "state"),
    "invoice_settings": ("custom_fields", "default_payment_method", "footer", "rendering_options"),
}


def create(call: Call) -> Json:
    call.params.only({*_TEXTS, *_NESTED, "metadata"})
    customer = shapes.customer(new_id("cus"), call.work.created)
    customer |= _given(call.work, call.params, customer)
    call.work.add(customer)
    call.work.emit("customer.created", customer)
    return customer


def _given(work: Work, params: Params, customer: Json) -> Json:
    given: Json = {name: params.text(name) for name in _TEXTS if name in params}
    for name, known in _NESTED.items():
        if name in params:
            nested = params.nested(name)
            nested.only(known)
            current = customer[name] or dict.fromkeys(known)
            given[name] = current | {field: nested.text(field) for field in nested.values}
    default = given.get("invoice_settings", {}).get("default_payment_method")
    if default:
        work.get("payment_method", default, param="invoice_settings[default_payment_method]")
    return given | {"metadata": params.metadata(customer["metadata"])}


def retrieve(call: Call) -> Json:
    """The customer, or what is left of a deleted one: its id and `deleted: true`."""
    found = call.work.store.find(call.id)
    return found if found and found.get("deleted") else call.work.get("customer", call.id)


def update(call: Call) -> Json:
    call.params.only({*_TEXTS, *_NESTED, "metadata"})
    customer = call.work.get("customer", call.id)
    previous = call.work.change(customer, **_given(call.work, call.params, customer))
    if previous:
        call.work.emit("customer.updated", customer, previous)
    return customer


def delete(call: Call) -> Json:
    """Forget a customer and let go of the saved cards."""
    call.params.only(())
    work = call.work
    customer = work.get("customer", call.id)
    for method in work.select("payment_method", customer=customer["id"]):
        let_go(work, method)
    work.emit("customer.deleted", customer)
    stub = {"id": customer["id"], "object": "customer", "deleted": True}
    work.store.remove(stub)
    return stub


def list_all(call: Call) -> Json:
    call.params.only({"email", "created", "limit", "starting_after", "ending_before"})
    return listed(call, "customer", fields=("email",))
