"""Contracts say which of their texts are about people, and what is left without them is still a fact."""

import pytest
from pydantic import ValidationError
from shared.contracts import EVENTS
from shared.contracts.base import PERSONAL
from shared.contracts.booking_state import AddressToSave
from shared.contracts.customers import ContactReceived, CustomerErased
from shared.contracts.personal import without_person
from shared.contracts.schemas import current_schemas

TELLING = {"email", "first_name", "last_name", "phone", "address_line_1", "zip_code", "special_instructions"}


def test_a_fact_keeps_its_ids_and_days_and_loses_its_person() -> None:
    said = {"name": "Ada Byron", "email": "ada@example.com", "message": "Do you move pianos?"}
    fact = ContactReceived.model_validate(
        {"contact_id": "01890000-0000-7000-8000-000000000001", "received_at": "2026-11-22T10:00:00Z", **said}
    )
    left = without_person(fact)
    assert (left.name, left.email, left.message) == ("", "", "")
    assert (left.contact_id, left.received_at) == (fact.contact_id, fact.received_at)
    assert ContactReceived.model_validate(left.model_dump(mode="json")) == left


def test_parts_of_facts_lose_it_too() -> None:
    home = {"address_line_1": "1 Main St", "city": "New York", "state": "NY", "zip_code": "10001"}
    left = without_person(AddressToSave.model_validate({"nickname": "Home", "address": home}))
    assert left.model_dump() == {
        "nickname": "",
        "address": {"address_line_1": "", "address_line_2": "", "city": "", "state": "NY", "zip_code": ""},
    }


@pytest.mark.parametrize("event_type", EVENTS)
def test_whatever_tells_about_a_person_is_marked(event_type: str) -> None:
    schema = current_schemas()[event_type]
    for model in (schema, *schema.get("$defs", {}).values()):
        for name, member in model.get("properties", {}).items():
            if name in TELLING:
                assert member.get(PERSONAL), f"{model['title']}.{name}"


def test_the_order_to_forget_names_nobody() -> None:
    assert PERSONAL not in str(current_schemas()[CustomerErased.type])


def test_what_is_wrong_with_a_fact_is_told_without_what_it_says() -> None:
    """The sentence goes into logs and lists of parked events."""
    with pytest.raises(ValidationError, match="contact_id\n  Field required") as wrong:
        ContactReceived.model_validate({"name": "Ada Byron", "email": "ada@example.com", "message": "Pianos?"})
    assert "Ada" not in str(wrong.value)
