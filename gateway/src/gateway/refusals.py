"""The gateway's own refusals: what it turns away before any service is asked."""

from typing import Any, ClassVar

from shared.errors import Refusal


class GatewayRefusal(Refusal):
    """A request that the gateway turns away; `status` is its HTTP status, `closes` whether the connection ends."""

    status: ClassVar[int] = 400
    closes: ClassVar[bool] = False


class BadRequest(GatewayRefusal):
    """The request's framing or address is not acceptable."""

    code = "bad_request"
    message = "The request is not acceptable."


class BadFraming(GatewayRefusal):
    """What follows on the connection can't be told apart from this request any more, so it ends."""

    code = "bad_request"
    message = "The request is not acceptable."
    closes = True


class InvalidHost(GatewayRefusal):
    """The Host header names nothing that is served here."""

    code = "invalid_host"
    message = "This host is not served here."


class AddressTooLong(GatewayRefusal):
    """The path and query together are longer than 2 KiB."""

    status = 414
    code = "address_too_long"
    message = "The address is too long."


class HeadersTooLarge(GatewayRefusal):
    """The headers are larger than 16 KiB."""

    status = 431
    code = "headers_too_large"
    message = "The headers are too large."
    closes = True


class ExpectationFailed(GatewayRefusal):
    """The client waits for an interim answer, which is not given."""

    status = 417
    code = "expectation_failed"
    message = "Expect is not supported."
    closes = True


class BodyTooLarge(GatewayRefusal):
    """The body is larger than the route takes."""

    status = 413
    code = "body_too_large"
    closes = True

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.", limit_bytes=limit)


class BodyTimeout(GatewayRefusal):
    """The body did not arrive within the request's budget."""

    status = 408
    code = "body_timeout"
    message = "The body did not arrive in time."
    closes = True


class NotJson(GatewayRefusal):
    """An unsafe request must carry JSON."""

    status = 415
    code = "unsupported_media_type"
    message = "The body must be application/json."


class MethodNotAllowed(GatewayRefusal):
    """The path exists, but not for this method."""

    status = 405
    code = "method_not_allowed"
    message = "This method is not allowed here."

    def __init__(self, allowed: str) -> None:
        super().__init__()
        self.headers = {"Allow": allowed}


class CsrfFailed(GatewayRefusal):
    """An unsafe request without proof that our own page sent it."""

    status = 403
    code = "csrf_failed"
    message = "The X-CSRFToken header is missing or does not belong to this session."


class OriginNotAllowed(GatewayRefusal):
    """An unsafe request that another site's page sent."""

    status = 403
    code = "origin_not_allowed"
    message = "Requests from this origin are not accepted."


class LimitReached(GatewayRefusal):
    """A request limit was reached; `retry_after` in whole seconds."""

    status = 429
    code = "rate_limited"
    message = "Too many requests. Please slow down."

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after_seconds=retry_after)
        self.retry_after = retry_after


class UpstreamRefusal(GatewayRefusal):
    """A service could not be asked or did not answer."""

    def __init__(self, service: str, **extra: Any) -> None:
        super().__init__(**extra)
        self.service = service


class UpstreamUnavailable(UpstreamRefusal):
    """The service was certainly not asked: it can't be reached, or is given time to recover."""

    status = 503
    code = "service_unavailable"
    message = "This is not available at the moment. Please try again."
    retry_after = 2


class UpstreamBusy(UpstreamUnavailable):
    """The service has as many requests as it may have at once, or is being given time to recover."""


class UpstreamBroken(UpstreamRefusal):
    """The service broke off; whether it did what was asked is unknown."""

    status = 502
    code = "bad_gateway"
    message = "The answer was lost on the way. What was asked may have been done."


class UpstreamTimeout(UpstreamRefusal):
    """The service did not answer in time; whether it did what was asked is unknown."""

    status = 504
    code = "gateway_timeout"
    message = "This took too long. What was asked may have been done."


class SessionsUnavailable(GatewayRefusal):
    """The session store does not answer, so nobody can be told apart; neither logged out nor let in."""

    status = 503
    code = "sessions_unavailable"
    message = "Logging in is not possible at the moment. Please try again."
    retry_after = 2


class GatewayFault(GatewayRefusal):
    """Our own mistake; the log says which."""

    status = 500
    code = "internal_error"
    message = "Something went wrong. Please try again."
