"""Requests about saved addresses."""

from typing import Annotated

from pydantic import StringConstraints, ValidationInfo, field_validator
from shared.contracts.base import State
from shared.http.fields import Body, Text, WrittenAs, example

from customers.domain.addresses import state_problem

Nickname = Annotated[Text, StringConstraints(min_length=1, max_length=50)]
"""The customer's own word for an address."""

FirstLine = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
SecondLine = Annotated[Text, StringConstraints(max_length=200)]
City = Annotated[Text, StringConstraints(min_length=1, max_length=100)]
ZipCode = Annotated[str, WrittenAs(r"^[0-9]{5}(-[0-9]{4})?$", "Enter a ZIP code such as 10001 or 10001-1234.")]
Instructions = Annotated[Text, StringConstraints(max_length=2000)]


class AddressFields(
    Body,
    json_schema_extra=example(
        {"nickname": "Home", "address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"}
    ),
):
    """A saved address."""

    nickname: Nickname
    address_line_1: FirstLine
    address_line_2: SecondLine = ""
    city: City
    state: State
    zip_code: ZipCode
    delivery_instructions: Instructions = ""

    @field_validator("zip_code")
    @classmethod
    def _of_the_state(cls, zip_code: str, info: ValidationInfo) -> str:
        """A state that is wrong itself is told as such."""
        state = info.data.get("state")
        if state is not None and (problem := state_problem(zip_code, state)):
            raise ValueError(problem)
        return zip_code


class AddressChange(
    Body, json_schema_extra=example({"address_line_2": "Flat 3", "delivery_instructions": "Ring twice."})
):
    """What is given changes, the rest stays; a second line or instructions of null are taken away."""

    shown_beside = frozenset({"id", "formatted_address", "times_used", "last_used_at", "created_at"})

    nickname: Nickname | None = None
    address_line_1: FirstLine | None = None
    address_line_2: SecondLine | None = None
    city: City | None = None
    state: State | None = None
    zip_code: ZipCode | None = None
    delivery_instructions: Instructions | None = None

    def changes(self) -> dict[str, str]:
        """Field → what it is to be."""
        gone = {name: "" for name in ("address_line_2", "delivery_instructions") if name in self.model_fields_set}
        return gone | self.model_dump(exclude_none=True)
