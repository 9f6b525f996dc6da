"""A request body: what frontends send for a field that has nothing in it."""

from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field, ValidationError
from shared.http.fields import Body, Change, Flag, Text


class Tag(Body):
    """An inner body."""

    word: Text = "none"


class Parcel(Body):
    """A body with fields of all kinds."""

    address: Text
    note: Annotated[Text, Field(max_length=5, description="What to mind.")] = ""
    fragile: Flag = False
    labels: list[Text] = Field(default_factory=list)
    weight: int | None = 7
    tag: Tag = Field(default_factory=Tag)


class ParcelChange(Change, Parcel):
    """A change of one, which may leave its address as it is."""

    address: Text = "unchanged"


def test_null_is_as_if_the_field_were_left_out() -> None:
    sent = {"address": "1 Main St", "note": None, "fragile": None, "labels": None, "tag": {"word": None}}
    parcel = Parcel.model_validate(sent)
    assert parcel == Parcel.model_validate({"address": "1 Main St", "tag": {}})
    assert parcel.model_fields_set == {"address", "tag"}


def test_null_that_means_something_is_kept() -> None:
    parcel = Parcel.model_validate({"address": "1 Main St", "weight": None})
    assert (parcel.weight, parcel.model_fields_set) == (None, {"address", "weight"})


@pytest.mark.parametrize("sent", [{"address": None}, {"address": "1", "unknown": None}, [], None, "note"])
def test_null_makes_nothing_else_valid(sent: Any) -> None:
    with pytest.raises(ValidationError):
        Parcel.model_validate(sent)


@pytest.mark.parametrize("name", ["address", "note", "labels"])
def test_a_change_refuses_null_rather_than_pass_it_over(name: str) -> None:
    with pytest.raises(ValidationError):
        ParcelChange.model_validate({name: None})
    assert ParcelChange.model_validate({"weight": None}).model_dump(exclude_unset=True) == {"weight": None}
    document = Draft202012Validator(ParcelChange.model_json_schema())
    assert (document.is_valid({name: None}), document.is_valid({"weight": None})) == (False, True)


def test_the_document_says_where_null_may_be_sent() -> None:
    schema = Parcel.model_json_schema()
    document = Draft202012Validator(schema)
    full: dict[str, Any] = {"address": "1", "note": "x", "fragile": True, "labels": [], "weight": 1, "tag": {}}
    refused = {name for name in full if not document.is_valid({**full, name: None})}
    assert refused == {"address"}
    assert not document.is_valid({**full, "note": "longer"})
    assert (schema["properties"]["note"]["default"], schema["properties"]["note"]["description"]) == (
        "",
        "What to mind.",
    )
