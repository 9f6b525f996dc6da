"""Input fields take what people write and nothing else."""

import re
from datetime import date
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError
from shared.http.errors import field_errors_of
from shared.http.fields import (
    Body,
    Day,
    Email,
    Flag,
    Name,
    Phone,
    PhoneIfAny,
    Text,
    WholeNumber,
    WrittenAs,
    normalize_phone,
)

THE_RULE = re.compile(r"\+?1?[0-9]{9,15}")
FILLERS = " -.()"


def taken(kind: object, value: object) -> object:
    return TypeAdapter(kind).validate_python(value)


def refuses(kind: object, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2125550123", "+12125550123"),
        ("(212) 555-0123", "+12125550123"),
        ("212.555.0123", "+12125550123"),
        ("1 212 555 0123", "+12125550123"),
        ("+1 (212) 555-0123", "+12125550123"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+49 30 901820", "+4930901820"),
        ("123456789", "123456789"),
        ("1" + "2" * 15, "1" + "2" * 15),
    ],
)
def test_a_phone_number_is_stored_the_same_however_it_is_written(written: str, stored: str) -> None:
    assert taken(Phone, written) == stored


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "12345678",
        "2" * 17,
        "++12125550123",
        "212555O123",
        "2125550123x5",
        "٢١٢٥٥٥٠١٢٣",
        "２１２５５５０１２３",
        "212５550123",
        "2125550123\n\x00",
        "212/555/0123",
        "tel:2125550123",
        "2125550123;ext=5",
        "(" * 41,
    ],
)
def test_what_is_no_phone_number_is_refused(number: str) -> None:
    refuses(Phone, number)


@given(st.text(alphabet="+0123456789" + FILLERS, max_size=30))
def test_exactly_what_the_rule_allows_is_taken_and_stays_as_stored(text: str) -> None:
    compact = "".join(character for character in text if character not in FILLERS)
    if not THE_RULE.fullmatch(compact):
        refuses(Phone, text)
        return
    stored = normalize_phone(text)
    assert re.fullmatch(r"\+?[0-9]{7,16}", stored)
    if THE_RULE.fullmatch(stored):
        assert normalize_phone(stored) == stored


@given(st.text(max_size=30))
def test_any_text_is_a_phone_number_or_refused_but_never_a_failure(text: str) -> None:
    try:
        stored = normalize_phone(text)
    except ValueError:
        return
    assert stored.isascii()


@pytest.mark.parametrize("address", ["ada@example.com", "Ada.Byron+moving@Example.COM", "x@sub.example.co.uk"])
def test_an_email_address_is_stored_in_lower_case(address: str) -> None:
    assert taken(Email, address) == address.lower()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@@example.com",
        "ada@example..com",
        "a b@example.com",
        "ada@example.com\nbcc: x@example.com",
        "ada@example.com\x00",
        "Ada <ada@example.com>",
        "ada@example.com,bob@example.com",
        "ada@[127.0.0.1]",
        '"ada"@example.com',
        "ada@exa\u202emple.com",
        "x" * 250 + "@example.com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_email_address_is_refused(address: str) -> None:
    refuses(Email, address)


@pytest.mark.parametrize("name", ["Ada", "O’Neill-García", "Иван", "李", "x" * 100])
def test_names_of_all_peoples_are_taken(name: str) -> None:
    assert taken(Name, name) == name


@pytest.mark.parametrize(
    "name",
    ["", "x" * 101, "Ada\x00", "Ada\nBcc: x", "Ada\r", "Ada\t", "Ada\x1b[2J", "Ada\x7f", "A\x85", "A\u2028", "\ud800"],
)
def test_names_are_one_line_without_control_characters(name: str) -> None:
    refuses(Name, name)


def test_texts_may_have_lines_and_tabs_but_no_control_characters() -> None:
    assert taken(Text, "first\r\n\tsecond") == "first\r\n\tsecond"
    for text in ("\x00", "\x0b", "\x1f", "\ud800"):
        refuses(Text, text)


@pytest.mark.parametrize("value", ["1", 1.0, 1.5, True, None, "١", float("nan"), float("inf")])
def test_a_whole_number_is_a_json_integer_only(value: object) -> None:
    refuses(WholeNumber, value)
    assert taken(WholeNumber, 7) == 7


@pytest.mark.parametrize(
    "written", ["2027-02-29", "1767225600", 1767225600, "2026-1-1", "٢٠٢٦-٠١-٠١", "1999-12-31", "9999-12-31", "", None]
)
def test_a_day_is_one_of_the_calendar_that_can_be_reckoned_with(written: object) -> None:
    assert taken(Day, "2028-02-29") == date(2028, 2, 29)
    refuses(Day, written)


@pytest.mark.parametrize("written", ["true", "yes", 1, 0, 1.0, None])
def test_a_flag_is_a_boolean(written: object) -> None:
    assert taken(Flag, False) is False
    refuses(Flag, written)


def test_documents_tell_the_bounds_of_whole_numbers() -> None:
    schema = TypeAdapter(Annotated[WholeNumber, Field(ge=1, le=9)]).json_schema()
    assert schema == {"type": "integer", "minimum": 1, "maximum": 9}


@pytest.mark.parametrize("address", ["josé@example.com", "📦@example.com", "a\u0308da@example.com"])
def test_an_address_that_hardly_any_mail_server_takes_is_refused_with_the_reason(address: str) -> None:
    with pytest.raises(ValidationError, match="before the @"):
        TypeAdapter(Email).validate_python(address)


def test_a_foreign_domain_is_fine() -> None:
    assert taken(Email, "Ada@Bücher.example") == "ada@bücher.example"


class _Form(Body):
    shown_beside = frozenset({"id"})

    zip_code: Annotated[str, WrittenAs(r"^[0-9]{5}$", "Enter a ZIP code such as 10001.")]


def test_what_has_the_wrong_form_is_told_in_words() -> None:
    for wrong in ("1000", "1000a", "１０００１", 10001):
        with pytest.raises(ValidationError) as refused:
            _Form.model_validate({"zip_code": wrong})
        assert field_errors_of(refused.value.errors()) == {"zip_code": ["Enter a ZIP code such as 10001."]}
    assert _Form(zip_code=" 10001 ").zip_code == "10001"
    assert _Form.model_json_schema()["properties"]["zip_code"]["pattern"] == "^[0-9]{5}$"


def test_what_comes_before_a_form_is_done_before_it_is_looked_at() -> None:
    shouted = Annotated[str, BeforeValidator(str.upper), WrittenAs(r"^[A-Z]{3}$", "Enter three letters.")]
    assert taken(shouted, "abc") == "ABC"


Cents = Annotated[WholeNumber, Field(ge=0)]


class _Fees(Body):
    fees: dict[str, Cents | dict[Literal["small", "large"], Cents]]


def test_a_field_that_can_be_read_in_two_ways_is_named_as_its_sender_knows_it() -> None:
    for wrong, names in (("x", {"fees.move"}), ({"small": -1}, {"fees.move", "fees.move.small"})):
        with pytest.raises(ValidationError) as refused:
            _Fees.model_validate({"fees": {"move": wrong}})
        assert field_errors_of(refused.value.errors()).keys() == names


def test_a_phone_may_be_none_where_none_is_needed() -> None:
    assert (taken(PhoneIfAny, ""), taken(PhoneIfAny, "2125550123")) == ("", "+12125550123")
    refuses(PhoneIfAny, "12")


def test_what_is_shown_beside_the_fields_is_passed_over() -> None:
    assert _Form.model_validate({"zip_code": "10001", "id": 7}).model_fields_set == {"zip_code"}
    with pytest.raises(ValidationError):
        _Form.model_validate({"zip_code": "10001", "name": 7})
