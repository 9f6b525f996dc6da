"""Files of bookings: staff add and remove them, links download them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel
from shared.audit import member_of
from shared.commands import Commands
from shared.errors import Invalid, NotFound
from shared.http import access
from shared.http.answers import REPLAYED, answer
from shared.http.fields import Body
from shared.http.idempotency import key_of
from shared.http.identity import Caller
from shared.storage import attachment

from booking.adapters.file_contents import DocumentKind
from booking.api.document_models import DocumentAnswer, DocumentsAnswer
from booking.api.uploads import form_document, read_form
from booking.commands.document_desk import DocumentDesk
from booking.commands.keep_documents import LookAtDocuments, RemoveDocument
from booking.queries.bookings import BookingQueries
from booking.queries.documents import DocumentQueries

KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key")]


class DocumentForm(Body):
    """The texts of an upload; who may see it follows from the kind unless it is said."""

    kind: DocumentKind
    visible_to_customer: bool | None = None


_UPLOAD = form_document(
    {
        "type": "object",
        "required": ["kind", "file"],
        "properties": {
            "kind": {"type": "string", "enum": ["coi", "invoice", "photo", "signature", "other"]},
            "file": {"type": "string", "format": "binary", "description": "PDF, PNG, JPEG or WebP, 15 MB at most."},
            "visible_to_customer": {
                "type": "boolean",
                "description": "Certificates, photos and signatures are, unless it is said otherwise.",
            },
        },
    }
)

_UPLOAD_PROBLEMS: dict[int | str, dict[str, Any]] = {
    409: {"description": "`too_many_documents`"},
    413: {"description": "More than 15 MB"},
    415: {"description": "Not a form"},
}


_FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


class Removed(BaseModel):
    """What was taken away."""

    message: str = "The document was removed."


STAFF_PATH = "/api/staff/bookings/{booking_id}/documents/"


def document_routes(commands: Commands, documents: DocumentQueries) -> APIRouter:
    """List and removal."""
    router = APIRouter(tags=["Staff: documents"])

    @router.get(STAFF_PATH, response_model=DocumentsAnswer, summary="A booking's documents")
    async def booking_documents(booking_id: UUID, caller: Caller = access.staff("view_bookings")) -> Response:
        """All of them, oldest first, each with a link for five minutes. That they were viewed is recorded."""
        await commands.execute(LookAtDocuments(booking_id, member_of(caller)))
        return answer({"documents": await documents.for_staff(booking_id)})

    @router.delete(STAFF_PATH + "{document_id}/", response_model=Removed, summary="Remove a document")
    async def remove_document(
        booking_id: UUID, document_id: UUID, caller: Caller = access.staff("manage_bookings")
    ) -> Response:
        """Takes it off the booking; its links end at once with a folder, and within five minutes with a bucket."""
        await commands.execute(RemoveDocument(booking_id, document_id, member_of(caller)))
        return answer(Removed().model_dump())

    return router


def upload_routes(desk: DocumentDesk, bookings: BookingQueries, documents: DocumentQueries) -> APIRouter:
    """Uploads."""
    router = APIRouter(tags=["Staff: documents"])

    @router.post(
        STAFF_PATH,
        response_model=DocumentAnswer,
        status_code=201,
        openapi_extra=_UPLOAD,
        summary="Add a document",
        responses=_UPLOAD_PROBLEMS,
    )
    async def add_document(
        booking_id: UUID,
        request: Request,
        idempotency_key: KeyHeader = None,
        caller: Caller = access.staff("manage_bookings"),
    ) -> Response:
        """A PDF or a picture, known by its content. Pictures are drawn anew and lose all that was hidden in them.

        The same file of the same kind is kept once; sending it again answers with the document that is there.
        """
        if await bookings.by_id(booking_id) is None:
            raise NotFound()
        form = await read_form(request, ("file",))
        wanted = form.texts_as(DocumentForm)
        if (sent := form.files.get("file")) is None:
            raise Invalid({"file": ["This field is required."]})
        stored = await desk.store(wanted.kind, sent.filename, sent.content)
        said = f"{wanted.kind} {wanted.visible_to_customer} {stored.sha256}"
        key = key_of(request, idempotency_key, said.encode()) if idempotency_key is not None else None
        added, is_replay = await desk.add(booking_id, stored, member_of(caller), wanted.visible_to_customer, key)
        return answer({"document": await documents.document(added)}, 201, REPLAYED if is_replay else None)

    return router


def download_routes(documents: DocumentQueries) -> APIRouter:
    """Where links to a folder lead."""
    router = APIRouter()

    @router.get(
        "/api/bookings/documents/",
        tags=["Bookings"],
        response_class=Response,
        summary="Download a document",
        responses={200: {"description": "The file", "content": _FILE}},
    )
    async def download(
        key: Annotated[str, Query(max_length=200)],
        expires: Annotated[int, Query(ge=0, le=2**40)],
        filename: Annotated[str, Query(max_length=200)],
        signature: Annotated[str, Query(max_length=128)],
        caller: Caller = access.anyone(),
    ) -> Response:
        """What a `download_url` leads to while files are kept in a folder; a link that is over is 404."""
        content, media_type = await documents.linked(key, expires, filename, signature)
        return Response(content, media_type=media_type, headers=_download_headers(filename))

    return router


def _download_headers(filename: str) -> dict[str, str]:
    return {
        "Content-Disposition": attachment(filename),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
