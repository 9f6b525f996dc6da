"""Kinds of input fields that several services share, strict and bounded."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_PHONE_FILLERS = re.compile(r"[\s\-.()]")
_PHONE = re.compile(r"\+?1?[0-9]{9,15}")
_LINE_BREAK = re.compile(r"[\t\n\r\x80-\x9f\u2028\u2029]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONGEST_EMAIL = 254
FIRST_DAY, LAST_DAY = "2000-01-01", "2999-12-31"


class Body(BaseModel):
    """A request body: unknown fields are refused, numbers are never made from strings or floats.

    Null in a field that may be left out, and that has no meaning for null, is as if it were left out.
    """

    null_is_left_out: ClassVar[bool] = True
    shown_beside: ClassVar[frozenset[str]] = frozenset()
    """What answers show beside these fields, which may be sent back with them and is passed over."""

    model_config = ConfigDict(extra="forbid", strict=False, str_strip_whitespace=True, allow_inf_nan=False)
    _left_out_as_null: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        optional = (name for name, field in cls.model_fields.items() if not (field.is_required() or _takes_null(field)))
        cls._left_out_as_null = frozenset(optional if cls.null_is_left_out else ())

    @model_validator(mode="before")
    @classmethod
    def _leave_out(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        wanted = {name: value for name, value in sent.items() if name not in cls.shown_beside}
        return {name: value for name, value in wanted.items() if value is not None or name not in cls._left_out_as_null}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        fields = handler.resolve_ref_schema(schema).get("properties", {})
        for name in cls._left_out_as_null & fields.keys():
            outside = {
                word: fields[name].pop(word) for word in ("default", "description", "title") if word in fields[name]
            }
            fields[name] = {"anyOf": [fields[name], {"type": "null"}], **outside}
        return schema


class Change(Body):
    """A body of which what is left out stays as it is: null for what has no null is refused, since whoever sends it
    wants something gone.
    """

    null_is_left_out = False


def _takes_null(field: FieldInfo) -> bool:
    return get_origin(field.annotation) in (Union, UnionType) and NoneType in get_args(field.annotation)


def example(fields: dict[str, Any]) -> dict[str, Any]:
    """A body's `json_schema_extra`: what a right one looks like, for the API's document."""
    return {"examples": [fields]}


def _no_control_characters(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("Control characters are not allowed.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("This is not valid Unicode text.") from None
    return value


def _one_line(value: str) -> str:
    if _LINE_BREAK.search(value):
        raise ValueError("Must be on one line.")
    return value


def _email(value: str) -> str:
    """Hardly any mail server takes a name that is not ASCII; domains are translated."""
    try:
        email = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("Enter a valid e-mail address.") from None
    if email.ascii_email is None:
        raise ValueError("Enter an e-mail address whose part before the @ has only plain letters, digits and signs.")
    return email.normalized.lower()


def normalize_phone(value: str) -> str:
    """A phone number as E.164 where it can be, otherwise its digits; raises `ValueError` for what is no number."""
    compact = _PHONE_FILLERS.sub("", value)
    if not _PHONE.fullmatch(compact):
        raise ValueError("Enter a valid phone number.")
    try:
        number = phonenumbers.parse(compact, "US")
    except phonenumbers.NumberParseException:
        return compact
    if not phonenumbers.is_possible_number(number):
        return compact
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _phone_if_any(value: str) -> str:
    return normalize_phone(value) if value else ""


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value) or not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError("Enter a date such as 2026-11-23.")
    return value


def _instant(value: Any) -> datetime:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) and _INSTANT.fullmatch(value) else None
    except ValueError:
        read = None
    if read is None:
        raise ValueError("Enter a time such as 2026-11-23T14:00:00Z.")
    return read.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WrittenAs:
    """Marks a text that must have a form; whoever gets it wrong reads the sentence and no regular expression."""

    pattern: str
    sentence: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.chain_schema([handler(source), core_schema.str_schema(pattern=self.pattern)])
        return core_schema.custom_error_schema(text, "not_as_written", custom_error_message=self.sentence)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"pattern": self.pattern}


Text = Annotated[str, AfterValidator(_no_control_characters)]
"""A text without control characters (tabs and line breaks are fine)."""

Name = Annotated[Text, AfterValidator(_one_line), StringConstraints(min_length=1, max_length=100)]
"""A person's name, on one line, since it goes into the headers of messages."""

Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=LONGEST_EMAIL),
    AfterValidator(_no_control_characters),
    AfterValidator(_email),
]
"""An e-mail address, lower case; before the @ it is ASCII."""

Phone = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_no_control_characters),
    AfterValidator(normalize_phone),
]
"""A phone number, E.164 where it can be."""

PhoneIfAny = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_no_control_characters),
    AfterValidator(_phone_if_any),
]
"""A phone number, or an empty text for none."""

WholeNumber = Annotated[int, Field(strict=True)]
"""A JSON integer; neither a string nor a float nor a boolean."""

Flag = Annotated[bool, Field(strict=True)]
"""A JSON boolean; neither a string nor a number."""

Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day, `YYYY-MM-DD`, not so far away that reckoning with it fails."""

Instant = Annotated[datetime, BeforeValidator(_instant, json_schema_input_type=str)]
"""A point in time with its offset as RFC 3339 writes it, in UTC from there on; between the years 2000 and 2999."""
