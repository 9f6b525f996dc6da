"""What a crew sends along with a report: a form with pictures, or JSON with a note, or nothing."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import StringConstraints, ValidationError
from shared.errors import Invalid
from shared.http.errors import field_errors_of
from shared.http.fields import Body, Text

from booking.api.uploads import FORM, LARGEST_TEXT, NotAForm, SentForm, UploadTooLarge, form_document, read_form

PictureKind = Literal["photo", "signature"]
Picture = tuple[PictureKind, str, bytes, str]
"""Kind, name, content, and the field that it came in."""

_KINDS: tuple[PictureKind, ...] = ("photo", "signature")
JSON = "application/json"

_PICTURE: dict[str, Any] = {"type": "string", "format": "binary", "description": "PNG, JPEG or WebP."}
REPORT_FORM = form_document(
    {
        "type": "object",
        "properties": {
            "photo": _PICTURE,
            "signature": _PICTURE,
            "note": {"type": "string", "maxLength": 1000},
        },
    },
    required=False,
)


class ReportTexts(Body):
    """What the crew writes."""

    note: Annotated[Text, StringConstraints(max_length=1000)] = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A report's note and pictures."""

    note: str
    pictures: list[Picture]


async def read_report(request: Request) -> Told:
    """What was sent; raises `NotAForm`, `UploadTooLarge` and `Invalid`."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type == FORM:
        form = await read_form(request, _KINDS)
        return Told(form.texts_as(ReportTexts).note, _pictures(form))
    content = await _small_body(request)
    if not content:
        return Told("", [])
    if content_type != JSON:
        raise NotAForm()
    try:
        return Told(ReportTexts.model_validate_json(content).note, [])
    except ValidationError as error:
        raise Invalid(field_errors_of(error.errors())) from None


def _pictures(form: SentForm) -> list[Picture]:
    sent = [(kind, form.files[kind]) for kind in _KINDS if kind in form.files]
    return [(kind, file.filename, file.content, kind) for kind, file in sent]


async def _small_body(request: Request) -> bytes:
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_TEXT:
            raise UploadTooLarge()
    return content
