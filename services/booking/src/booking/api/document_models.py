"""The shapes of answers about documents, for the OpenAPI document."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from booking.adapters.file_contents import DocumentKind

_EXAMPLE: dict[str, Any] = {
    "id": "01936b5e-7c1a-7000-8000-0242ac120002",
    "kind": "coi",
    "filename": "certificate.pdf",
    "content_type": "application/pdf",
    "size_bytes": 48213,
    "created_at": "2026-11-23T15:00:00Z",
    "download_url": "https://files.example.com/documents/01936b5e.pdf?expires=1764000000&signature=…",
}

_STAFF_EXAMPLE: dict[str, Any] = {
    **_EXAMPLE,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "visible_to_customer": True,
    "uploaded_by": "staff",
    "uploaded_by_id": "01936b5e-7c1a-7000-8000-0242ac120003",
}


class CustomerDocument(BaseModel):
    """A document as the customer sees it; `download_url` lives for five minutes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID
    kind: DocumentKind
    filename: str
    content_type: str
    size_bytes: int
    created_at: datetime
    download_url: str


class StaffDocument(CustomerDocument):
    """A document as staff see it; `sha256` is of the file as it is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STAFF_EXAMPLE]})

    sha256: str
    visible_to_customer: bool
    uploaded_by: str
    uploaded_by_id: UUID | None


class DocumentAnswer(BaseModel):
    """A document that is there now."""

    document: StaffDocument


class DocumentsAnswer(BaseModel):
    """The documents of a booking."""

    documents: list[StaffDocument]
