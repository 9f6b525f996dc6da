"""Refusals: every way in which a use case says no, as a class with a stable code.

A refusal is of one of a few kinds; one table (`shared.http.problems`) turns kinds into HTTP answers. Domain code
raises refusals and knows nothing of HTTP.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

FieldErrors = Mapping[str, Sequence[str]]


class Refusal(Exception):
    """A use case refuses what was asked; `code` is stable, `message` is a sentence for people.

    `extra` holds further members for the answer, such as the new price or the allowed statuses.
    """

    code: ClassVar[str] = "refused"
    message: str = "The request was refused."

    def __init__(self, message: str | None = None, **extra: Any) -> None:
        self.message = message or self.message
        self.extra: dict[str, Any] = extra
        super().__init__(self.message)


class Invalid(Refusal):
    """The request's fields are wrong; `field_errors` names each with its sentences."""

    code = "validation_failed"
    message = "Validation failed"

    def __init__(self, field_errors: FieldErrors, message: str | None = None, **extra: Any) -> None:
        super().__init__(message, **extra)
        self.field_errors: dict[str, list[str]] = {field: list(errors) for field, errors in field_errors.items()}


class NotFound(Refusal):
    """The thing does not exist, or the caller must not learn that it does."""

    code = "not_found"
    message = "Not found."


class Unauthenticated(Refusal):
    """The caller has to log in first."""

    code = "authentication_required"
    message = "Please log in."


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    code = "permission_denied"
    message = "You do not have permission to do this."


class Conflict(Refusal):
    """The thing is not in a state that allows this."""

    code = "conflict"
    message = "This is not possible in the present state."


class Locked(Refusal):
    """The account is locked for a while; `retry_after` in seconds."""

    code = "account_locked"
    message = "Too many failed attempts. Please try again later."

    def __init__(self, retry_after: int, message: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Something this needs is down for the moment; `retry_after` in seconds."""

    code = "service_unavailable"
    message = "This is not available at the moment. Please try again."

    def __init__(self, message: str | None = None, retry_after: int = 5, **extra: Any) -> None:
        super().__init__(message, **extra)
        self.retry_after = retry_after


class TooManyRequests(Refusal):
    """A limit was reached; `retry_after` in seconds."""

    code = "rate_limited"
    message = "Too many requests. Please slow down."

    def __init__(self, retry_after: int, message: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
