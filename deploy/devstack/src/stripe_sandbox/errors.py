"""Refusals as Stripe words them: an HTTP status and an `error` object."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """One refusal.

    `stored`: whether an idempotency key remembers it. Stripe keeps an answer only once the work has begun, so a
    parameter that fails its check is not kept.
    `keeps_effect`: whether what was written before the refusal stays, as a declined card leaves a failed charge.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        stored: bool = True,
        keeps_effect: bool = False,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.stored = stored
        self.keeps_effect = keeps_effect
        self._error: Json = {"message": message, "type": kind} | {k: v for k, v in details.items() if v is not None}

    def body(self, request_id: str) -> Json:
        return {"error": self._error | {"request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}"}}


def bad_parameter(message: str, param: str, code: str | None = None) -> ApiError:
    """A parameter that is missing or malformed: 400, found before any work began."""
    return ApiError(400, "invalid_request_error", message, stored=False, param=param, code=code)


def refused(message: str, *, code: str | None = None, param: str | None = None, **details: Any) -> ApiError:
    """A well-formed request that the state of things forbids: 400."""
    return ApiError(400, "invalid_request_error", message, code=code, param=param, **details)


def missing(noun: str, object_id: str, *, param: str, status: int = 404) -> ApiError:
    """An id that leads nowhere: 404 in the path, 400 in a parameter."""
    message = f"No such {noun}: '{object_id}'"
    return ApiError(status, "invalid_request_error", message, code="resource_missing", param=param)
