"""Orders, as guests and customers send them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic import ConfigDict
from shared.contracts.booking_state import Address, AddressToSave, Contact
from shared.http.fields import Body, Email, Name, Phone
from shared.http.identity import Caller

from booking.api.fields import (
    AddressLine,
    Cents,
    City,
    Description,
    Instructions,
    Nickname,
    StateText,
    Token,
    ZipText,
)
from booking.api.move_bodies import ServiceDetailsBody
from booking.domain.addresses import place_problems
from booking.domain.move import Place, Problem
from booking.domain.opening import Order

GUEST_ORDER: dict[str, Any] = {
    "service_details": {
        "service_type": "mini_move",
        "package_type": "petite",
        "pickup_date": "2026-11-23",
        "pickup_time": "morning",
    },
    "customer_info": {
        "first_name": "Ada",
        "last_name": "Byron",
        "email": "ada@example.com",
        "phone": "+12125550123",
    },
    "addresses": {
        "pickup": {"address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"},
        "delivery": {"address_line_1": "2 Shore Rd", "city": "Montauk", "state": "NY", "zip_code": "11954"},
    },
    "special_instructions": "",
}
CUSTOMER_ORDER = {name: value for name, value in GUEST_ORDER.items() if name != "customer_info"}


class CustomerInfoBody(Body):
    """Who a guest is."""

    first_name: Name
    last_name: Name
    email: Email
    phone: Phone


class AddressBody(Body):
    """An address of pickup or delivery."""

    address_line_1: AddressLine
    address_line_2: AddressLine = ""
    city: City
    state: StateText
    zip_code: ZipText

    @property
    def place(self) -> Place:
        """The address as far as the price depends on it."""
        return Place(self.state, self.zip_code)

    def problems(self, path: str) -> Iterator[Problem]:
        """What is wrong with the address, whose fields lie under `path`."""
        if not self.address_line_1:
            yield f"{path}.address_line_1", "This field may not be blank."
        if not self.city:
            yield f"{path}.city", "This field may not be blank."
        yield from place_problems(self.place, f"{path}.state", f"{path}.zip_code")

    def address(self) -> Address:
        """The address for the booking; only for one without problems."""
        names = ("address_line_1", "address_line_2", "city", "state", "zip_code")
        return Address.model_construct(**{name: getattr(self, name) for name in names})


class SavedAddressBody(AddressBody):
    """An address that a customer took from the saved ones, or wants to save under a nickname."""

    saved_address_id: UUID | None = None
    save_as: Nickname | None = None


class AddressesBody(Body):
    """Where from and where to."""

    pickup: AddressBody
    delivery: AddressBody


class SavedAddressesBody(Body):
    """Where from and where to, for customers."""

    pickup: SavedAddressBody
    delivery: SavedAddressBody

    @property
    def saved_ids(self) -> tuple[UUID, ...]:
        """The saved addresses that this booking uses."""
        ids = (self.pickup.saved_address_id, self.delivery.saved_address_id)
        return tuple(dict.fromkeys(saved for saved in ids if saved is not None))

    @property
    def to_save(self) -> tuple[AddressToSave, ...]:
        """The addresses that the customer wants to keep."""
        both = (self.pickup, self.delivery)
        return tuple(AddressToSave(nickname=one.save_as, address=one.address()) for one in both if one.save_as)


class OrderBody(Body):
    """What all orders have."""

    service_details: ServiceDetailsBody
    special_instructions: Instructions = ""
    item_description: Description = ""
    quote_token: Token | None = None
    expected_total_cents: Cents | None = None


class GuestOrderBody(OrderBody):
    """An order of somebody who is not logged in."""

    model_config = ConfigDict(json_schema_extra={"examples": [GUEST_ORDER]})

    customer_info: CustomerInfoBody
    addresses: AddressesBody

    def order(self) -> Order:
        """The order of a guest."""
        return order_of(self, self.addresses, Contact.model_construct(**vars(self.customer_info)), None)


class CustomerOrderBody(OrderBody, json_schema_extra={"examples": [CUSTOMER_ORDER]}):
    """An order of a customer, whose profile says who they are."""

    addresses: SavedAddressesBody

    def order(self, caller: Caller) -> Order:
        """The order of the customer who calls."""
        contact = Contact(
            first_name=caller.first_name, last_name=caller.last_name, email=caller.email, phone=caller.phone
        )
        return order_of(self, self.addresses, contact, caller.require_customer())


def order_of(
    body: OrderBody,
    addresses: AddressesBody | SavedAddressesBody,
    contact: Contact,
    customer_id: UUID | None,
) -> Order:
    """The order of a guest (`customer_id` null) or of a customer."""
    customers = addresses if isinstance(addresses, SavedAddressesBody) else None
    return Order(
        move=body.service_details.move(addresses.pickup.place, addresses.delivery.place),
        contact=contact,
        customer_id=customer_id,
        pickup_address=addresses.pickup.address(),
        delivery_address=addresses.delivery.address(),
        special_instructions=body.special_instructions,
        item_description=body.item_description,
        saved_address_ids=customers.saved_ids if customers else (),
        addresses_to_save=customers.to_save if customers else (),
        quote_token=body.quote_token,
        expected_total_cents=body.expected_total_cents,
    )


def address_problems(addresses: AddressesBody | SavedAddressesBody) -> list[Problem]:
    """What is wrong with the addresses of an order."""
    return [
        *addresses.pickup.problems("addresses.pickup"),
        *addresses.delivery.problems("addresses.delivery"),
    ]
