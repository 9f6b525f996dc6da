"""Kinds of input fields of this service, strict and bounded."""

from typing import Annotated

from pydantic import Field, StringConstraints
from shared.http.fields import Text, WholeNumber
from shared.money import MAXIMUM_CENTS

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
