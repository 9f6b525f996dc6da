"""Uploads: multipart forms, counted while they come in, so that nobody can send more than is allowed."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from shared.errors import Invalid, Refusal
from shared.http.errors import field_errors_of
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from booking.adapters.logistics_tables import LARGEST_FILE

LARGEST_UPLOAD = 15 * 1024 * 1024
"""The whole form, in bytes; a little more than the largest file, for what is around it."""

LARGEST_TEXT = 16 * 1024
MOST_FIELDS = 10
FORM = "multipart/form-data"

M = TypeVar("M", bound=BaseModel)


class UploadTooLarge(Refusal):
    """More than 15 MB."""

    code = "body_too_large"
    message = "Files may have 15 MB at most."
    status = 413


class NotAForm(Refusal):
    """A body of another type."""

    code = "unsupported_media_type"
    message = f"The body must be {FORM}."
    status = 415


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent; its name and its type are only what the sender says."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SentForm:
    """Texts and files of a form by their names."""

    texts: Mapping[str, str]
    files: Mapping[str, SentFile]

    def texts_as(self, model: type[M]) -> M:
        """The texts as checked fields; raises `Invalid`."""
        try:
            return model.model_validate(dict(self.texts))
        except ValidationError as error:
            raise Invalid(field_errors_of(error.errors())) from None


async def read_form(request: Request, files: tuple[str, ...]) -> SentForm:
    """The request's form; only `files` may be files. Raises `NotAForm`, `UploadTooLarge` and `Invalid`."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        raise NotAForm()
    parser = MultiPartParser(
        request.headers, _counted(request), max_files=len(files), max_fields=MOST_FIELDS, max_part_size=LARGEST_TEXT
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Invalid({"body": [str(error.message)]}) from None
    try:
        return await _sent(form, files)
    finally:
        await form.close()


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > LARGEST_UPLOAD:
        raise UploadTooLarge()
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_UPLOAD:
            raise UploadTooLarge()
        yield part


async def _sent(form: FormData, allowed: tuple[str, ...]) -> SentForm:
    texts: dict[str, str] = {}
    files: dict[str, SentFile] = {}
    for name, value in form.multi_items():
        if name in texts or name in files:
            raise Invalid({name[:100]: ["This field was sent twice."]})
        if isinstance(value, UploadFile):
            if name not in allowed:
                raise Invalid({name[:100]: ["This field is not a file."]})
            if value.size or value.filename:
                files[name] = SentFile(value.filename or "", await _content(value))
        elif name in allowed:
            if value:
                raise Invalid({name: ["Must be a file."]})
        else:
            texts[name] = value
    return SentForm(texts, files)


async def _content(file: UploadFile) -> bytes:
    if (file.size or 0) > LARGEST_FILE:
        raise UploadTooLarge()
    return await file.read()


def form_document(schema: dict[str, Any], required: bool = True) -> dict[str, Any]:
    """What OpenAPI says of a form's body, which the framework does not read itself."""
    return {"requestBody": {"required": required, "content": {FORM: {"schema": schema}}}}
