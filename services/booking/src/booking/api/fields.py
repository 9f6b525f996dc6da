"""Kinds of input fields of this service, strict and bounded."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from shared.http.fields import Text, WholeNumber
from shared.money import MAXIMUM_CENTS

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("Enter a date such as 2026-11-23.")
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day, `YYYY-MM-DD`."""

Flag = Annotated[bool, Field(strict=True)]
"""A JSON boolean."""

Cents = Annotated[WholeNumber, Field(ge=0, le=MAXIMUM_CENTS)]
"""An amount in cents."""

ItemCount = Annotated[WholeNumber, Field(ge=1, le=10_000)]
Quantity = Annotated[WholeNumber, Field(ge=1, le=100)]
Hour = Annotated[WholeNumber, Field(ge=0, le=23)]
Version = Annotated[WholeNumber, Field(ge=1, le=2_147_483_647)]

Code = Annotated[Text, StringConstraints(max_length=50)]
StateText = Annotated[Text, StringConstraints(max_length=20)]
ZipText = Annotated[Text, StringConstraints(max_length=10)]
AddressLine = Annotated[Text, StringConstraints(max_length=200)]
City = Annotated[Text, StringConstraints(max_length=100)]
Nickname = Annotated[Text, StringConstraints(min_length=1, max_length=50)]
Description = Annotated[Text, StringConstraints(max_length=1000)]
Instructions = Annotated[Text, StringConstraints(max_length=2000)]
Notes = Annotated[Text, StringConstraints(max_length=10_000)]
Reason = Annotated[Text, StringConstraints(max_length=500)]
Token = Annotated[Text, StringConstraints(max_length=128)]
