"""Every public path, each with the service that answers it and what it may cost. Nothing else is reachable.

Adding one is one line. Templates end in `/`; the same path without it works too.
"""

from dataclasses import dataclass
from typing import Literal

from gateway.rate_limit.limits import Limit, per_agent, per_ip

BOOKING, CATALOG, PAYMENTS = "booking", "catalog", "payments"
CUSTOMERS, NOTIFICATIONS = "customers", "notifications"

KIB = 1024
JSON_BODY = 64 * KIB
WEBHOOK_BODY = 256 * KIB
UPLOAD_BODY = 15 * KIB * KIB

BUDGET = 10.0
STRIPE_BUDGET = 12.0

Kind = Literal["json", "webhook", "upload"]
SessionEffect = Literal["none", "opens", "renews", "refreshes", "closes"]


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. `upstream` is a service or, for what the gateway answers itself, null.

    `handler` names the gateway's own answer; `budget` is in seconds, `body_limit` in bytes. `public` answers are the
    same for every caller: no session is looked up and caches may keep what the service lets them keep. `session` is
    what a success does: `renews` puts a fresh session in place of all that the account had, `refreshes` tells all of
    them what the account is by now.
    """

    method: str
    template: str
    upstream: str | None
    handler: str = ""
    limits: tuple[Limit, ...] = ()
    kind: Kind = "json"
    body_limit: int = JSON_BODY
    budget: float = BUDGET
    public: bool = False
    session: SessionEffect = "none"
    summary: str = ""

    @property
    def carries_session(self) -> bool:
        """Whether a session cookie means anything here."""
        return not self.public and self.kind != "webhook"


def get(template: str, upstream: str, *limits: Limit, public: bool = False) -> Route:
    """A read."""
    return Route("GET", template, upstream, limits=limits, public=public)


def put(template: str, upstream: str, *limits: Limit, session: SessionEffect = "none") -> Route:
    """A change."""
    return Route("PUT", template, upstream, limits=limits, session=session)


def delete(template: str, upstream: str, *limits: Limit) -> Route:
    """A removal."""
    return Route("DELETE", template, upstream, limits=limits)


def post(
    template: str, upstream: str, *limits: Limit, budget: float = BUDGET, session: SessionEffect = "none"
) -> Route:
    """A use case."""
    return Route("POST", template, upstream, limits=limits, budget=budget, session=session)


def keeping(collection: str, upstream: str) -> tuple[Route, ...]:
    """List, add, read, change and remove the things of a collection."""
    item = collection + "{id}/"
    return (
        get(collection, upstream),
        post(collection, upstream),
        get(item, upstream),
        put(item, upstream),
        delete(item, upstream),
    )


def upload(template: str, upstream: str, *limits: Limit, public: bool = False) -> Route:
    """Files, in a form."""
    return Route("POST", template, upstream, limits=limits, kind="upload", body_limit=UPLOAD_BODY, public=public)


def own(method: str, template: str, handler: str, summary: str = "", public: bool = False) -> Route:
    """What the gateway answers itself; without a `summary` it is not in the API's documentation."""
    return Route(method, template, None, handler=handler, public=public, summary=summary)


LOGIN_LIMITS = (per_ip(5, 60), per_agent(10, 60))
SECRET_LIMIT = per_ip(5, 60)

LIST = "The caller's own sessions: device, address, last seen"
END_ALL = "End all of the caller's sessions"
END_ONE = "End one of the caller's sessions"

ROUTES: tuple[Route, ...] = (
    # The catalogue.
    get("/api/bookings/services/", CATALOG, public=True),
    get("/api/bookings/services/mini-moves-with-organizing/", CATALOG, public=True),
    get("/api/bookings/services/organizing/{id}/", CATALOG, public=True),
    get("/api/bookings/service-area/", CATALOG, public=True),
    *keeping("/api/staff/catalog/packages/", CATALOG),
    *keeping("/api/staff/catalog/organizing-services/", CATALOG),
    *keeping("/api/staff/catalog/specialty-items/", CATALOG),
    *keeping("/api/staff/catalog/delivery-configs/", CATALOG),
    *keeping("/api/staff/catalog/surcharges/", CATALOG),
    *keeping("/api/staff/catalog/zones/", CATALOG),
    *keeping("/api/staff/catalog/discount-codes/", CATALOG),
    get("/api/staff/catalog/policies/", CATALOG),
    put("/api/staff/catalog/policies/", CATALOG),
    get("/api/staff/catalog/history/", CATALOG),
    get("/api/staff/catalog/history/{version}/", CATALOG),
    # Bookings.
    post("/api/bookings/pricing-preview/", BOOKING, per_ip(60, 60)),
    get("/api/bookings/availability/", BOOKING, public=True),
    post("/api/bookings/guest-booking/", BOOKING, per_ip(3, 60), budget=STRIPE_BUDGET),
    get("/api/bookings/booking-status/{booking_number}/", BOOKING, per_ip(30, 60)),
    post("/api/customers/bookings/create/", BOOKING, budget=STRIPE_BUDGET),
    get("/api/customers/bookings/", BOOKING),
    get("/api/customers/bookings/{id}/", BOOKING),
    post("/api/customers/bookings/{id}/cancel/", BOOKING),
    post("/api/customers/bookings/{id}/reschedule/", BOOKING, budget=STRIPE_BUDGET),
    post("/api/customers/bookings/{id}/rebook/", BOOKING, budget=STRIPE_BUDGET),
    post("/api/bookings/booking-status/{booking_number}/cancel/", BOOKING, per_ip(30, 60)),
    post("/api/bookings/booking-status/{booking_number}/reschedule/", BOOKING, per_ip(30, 60), budget=STRIPE_BUDGET),
    get("/api/staff/bookings/", BOOKING),
    post("/api/staff/bookings/create/", BOOKING),
    get("/api/staff/dashboard/", BOOKING),
    get("/api/staff/alerts/", BOOKING),
    post("/api/staff/alerts/{id}/clear/", BOOKING),
    get("/api/staff/reports/bookings/", BOOKING),
    post("/api/staff/bookings/{id}/payment-link/", BOOKING),
    get("/api/staff/bookings/{id}/", BOOKING),
    put("/api/staff/bookings/{id}/", BOOKING),
    get("/api/staff/bookings/{id}/documents/", BOOKING),
    upload("/api/staff/bookings/{id}/documents/", BOOKING),
    delete("/api/staff/bookings/{id}/documents/{document_id}/", BOOKING),
    get("/api/bookings/documents/", BOOKING, per_ip(120, 60)),
    get("/api/staff/bookings/{id}/price/replay/", BOOKING),
    post("/api/staff/bookings/{id}/reschedule/", BOOKING, budget=STRIPE_BUDGET),
    get("/api/staff/ops/switches/", BOOKING),
    put("/api/staff/ops/switches/", BOOKING),
    post("/api/bookings/booking-status/{booking_number}/rating/", BOOKING, per_ip(30, 60)),
    post("/api/customers/bookings/{id}/rating/", BOOKING),
    get("/api/staff/ratings/", BOOKING),
    # The day's work.
    get("/api/staff/logistics/crews/", BOOKING),
    post("/api/staff/logistics/crews/", BOOKING),
    put("/api/staff/logistics/crews/{id}/", BOOKING),
    get("/api/staff/logistics/vans/", BOOKING),
    post("/api/staff/logistics/vans/", BOOKING),
    put("/api/staff/logistics/vans/{id}/", BOOKING),
    get("/api/staff/logistics/schedule/", BOOKING),
    get("/api/staff/logistics/summary/", BOOKING),
    get("/api/staff/logistics/run-sheet/", BOOKING),
    post("/api/staff/logistics/crew-links/", BOOKING),
    put("/api/staff/bookings/{id}/assignment/", BOOKING),
    get("/api/crew/{token}/", BOOKING, per_ip(120, 60), public=True),
    upload("/api/crew/{token}/stops/{id}/{step}/", BOOKING, per_ip(60, 60), public=True),
    # Payments.
    post("/api/payments/create-intent/", PAYMENTS, per_ip(10, 3600), budget=STRIPE_BUDGET),
    post("/api/payments/confirm/", PAYMENTS, per_ip(20, 60), budget=STRIPE_BUDGET),
    Route("POST", "/api/payments/webhooks/stripe/", PAYMENTS, kind="webhook", body_limit=WEBHOOK_BODY),
    get("/api/payments/status/{booking_number}/", PAYMENTS),
    get("/api/payments/receipts/{booking_number}/", PAYMENTS, per_ip(30, 60)),
    get("/api/payments/files/", PAYMENTS),
    get("/api/customers/bookings/{id}/receipts/", PAYMENTS),
    get("/api/staff/payments/{id}/receipts/", PAYMENTS),
    post("/api/staff/payments/invoices/", PAYMENTS),
    post("/api/customers/bookings/{id}/pay/", PAYMENTS, per_ip(20, 60), budget=STRIPE_BUDGET),
    get("/api/customers/payment-methods/", PAYMENTS),
    post("/api/customers/payment-methods/", PAYMENTS, per_ip(10, 60), budget=STRIPE_BUDGET),
    post("/api/customers/payment-methods/confirm/", PAYMENTS, per_ip(20, 60), budget=STRIPE_BUDGET),
    put("/api/customers/payment-methods/{id}/", PAYMENTS),
    delete("/api/customers/payment-methods/{id}/", PAYMENTS),
    get("/api/staff/payments/", PAYMENTS),
    get("/api/staff/payments/statement/", PAYMENTS),
    get("/api/staff/reports/revenue/", PAYMENTS),
    get("/api/staff/reports/tax/", PAYMENTS),
    get("/api/staff/payments/{id}/", PAYMENTS),
    post("/api/staff/payments/{id}/refunds/", PAYMENTS, budget=STRIPE_BUDGET),
    post("/api/staff/payments/{id}/resolve/", PAYMENTS, budget=STRIPE_BUDGET),
    get("/api/staff/stripe-events/", PAYMENTS),
    post("/api/staff/stripe-events/{event_id}/resolve/", PAYMENTS),
    get("/api/staff/refunds/", PAYMENTS),
    get("/api/staff/ops/invariants/", PAYMENTS),
    # Accounts.
    own("GET", "/api/customers/csrf-token/", "csrf_token", "A token for X-CSRFToken, and its cookie"),
    post("/api/customers/auth/register/", CUSTOMERS, *LOGIN_LIMITS, session="opens"),
    post("/api/customers/auth/login/", CUSTOMERS, *LOGIN_LIMITS, session="opens"),
    post("/api/customers/auth/logout/", CUSTOMERS, session="closes"),
    post("/api/customers/auth/password/", CUSTOMERS, per_ip(5, 60), session="renews"),
    post("/api/customers/auth/verify-email/", CUSTOMERS, SECRET_LIMIT),
    post("/api/customers/auth/resend-verification/", CUSTOMERS, SECRET_LIMIT),
    post("/api/customers/auth/password-reset/", CUSTOMERS, SECRET_LIMIT),
    post("/api/customers/auth/password-reset/confirm/", CUSTOMERS, SECRET_LIMIT),
    get("/api/customers/auth/user/", CUSTOMERS),
    own("GET", "/api/customers/auth/sessions/", "list_customer_sessions", LIST),
    own("DELETE", "/api/customers/auth/sessions/", "end_customer_sessions", END_ALL),
    own("DELETE", "/api/customers/auth/sessions/{id}/", "end_customer_session", END_ONE),
    get("/api/customers/profile/", CUSTOMERS),
    put("/api/customers/profile/", CUSTOMERS, session="refreshes"),
    get("/api/customers/preferences/", CUSTOMERS),
    put("/api/customers/preferences/", CUSTOMERS),
    get("/api/customers/addresses/", CUSTOMERS),
    post("/api/customers/addresses/", CUSTOMERS),
    put("/api/customers/addresses/{id}/", CUSTOMERS),
    delete("/api/customers/addresses/{id}/", CUSTOMERS),
    get("/api/customers/dashboard/", CUSTOMERS),
    get("/api/customers/export/", CUSTOMERS, per_ip(10, 60)),
    post("/api/customers/erase/", CUSTOMERS, per_ip(5, 60)),
    post("/api/customers/contact/", CUSTOMERS, per_ip(5, 3600)),
    get("/api/staff/customers/", CUSTOMERS),
    get("/api/staff/customers/erasures/{id}/", CUSTOMERS),
    get("/api/staff/customers/{id}/", CUSTOMERS),
    put("/api/staff/customers/{id}/", CUSTOMERS),
    put("/api/staff/customers/{id}/notes/", CUSTOMERS),
    post("/api/staff/customers/{id}/erase/", CUSTOMERS),
    get("/api/staff/crm/summary/", CUSTOMERS),
    get("/api/staff/crm/segments/", CUSTOMERS),
    get("/api/staff/crm/segments/{code}/customers/", CUSTOMERS),
    get("/api/staff/reports/customers/", CUSTOMERS),
    get("/api/staff/contact-messages/", CUSTOMERS),
    put("/api/staff/contact-messages/{id}/", CUSTOMERS),
    get("/api/staff/audit/", CUSTOMERS),
    own("GET", "/api/staff/csrf-token/", "csrf_token", "A token for X-CSRFToken, and its cookie"),
    post("/api/staff/auth/login/", CUSTOMERS, *LOGIN_LIMITS, session="opens"),
    post("/api/staff/auth/logout/", CUSTOMERS, session="closes"),
    post("/api/staff/auth/password-reset/", CUSTOMERS, SECRET_LIMIT),
    post("/api/staff/auth/password-reset/confirm/", CUSTOMERS, SECRET_LIMIT),
    post("/api/staff/auth/invite/accept/", CUSTOMERS, SECRET_LIMIT),
    get("/api/staff/auth/user/", CUSTOMERS),
    post("/api/staff/auth/password/", CUSTOMERS, SECRET_LIMIT, session="renews"),
    post("/api/staff/auth/totp/verify/", CUSTOMERS, SECRET_LIMIT, session="opens"),
    post("/api/staff/auth/totp/recover/", CUSTOMERS, SECRET_LIMIT, session="opens"),
    post("/api/staff/auth/totp/enroll/", CUSTOMERS, SECRET_LIMIT),
    post("/api/staff/auth/totp/confirm/", CUSTOMERS, SECRET_LIMIT, session="renews"),
    post("/api/staff/auth/totp/disable/", CUSTOMERS, SECRET_LIMIT, session="renews"),
    get("/api/staff/accounts/", CUSTOMERS),
    post("/api/staff/accounts/", CUSTOMERS),
    get("/api/staff/accounts/{id}/", CUSTOMERS),
    put("/api/staff/accounts/{id}/", CUSTOMERS),
    post("/api/staff/accounts/{id}/resend-invitation/", CUSTOMERS),
    own("GET", "/api/staff/auth/sessions/", "list_staff_sessions", LIST),
    own("DELETE", "/api/staff/auth/sessions/", "end_staff_sessions", END_ALL),
    own("DELETE", "/api/staff/auth/sessions/{id}/", "end_staff_session", END_ONE),
    # Operations.
    own("GET", "/api/staff/ops/heartbeats/", "heartbeats", "The last success of every job, relay and consumer"),
    own("GET", "/api/staff/ops/parked-events/", "parked_events", "Events that could not be handled"),
    own("POST", "/api/staff/ops/parked-events/", "resolve_parked_event", "Try a parked event again, or drop it"),
    own("GET", "/api/staff/ops/parked-events/{service}/{id}/", "parked_event", "One parked event, whole"),
    # Messages.
    get("/api/staff/notifications/", NOTIFICATIONS),
    get("/api/staff/notifications/templates/", NOTIFICATIONS),
    get("/api/staff/notifications/templates/{id}/", NOTIFICATIONS),
    put("/api/staff/notifications/templates/{id}/", NOTIFICATIONS),
    delete("/api/staff/notifications/templates/{id}/", NOTIFICATIONS),
    get("/api/staff/notifications/templates/{id}/preview/", NOTIFICATIONS),
    post("/api/staff/notifications/templates/{id}/preview/", NOTIFICATIONS),
    get("/api/staff/notifications/suppressions/", NOTIFICATIONS),
    post("/api/staff/notifications/suppressions/", NOTIFICATIONS),
    delete("/api/staff/notifications/suppressions/{id}/", NOTIFICATIONS),
    get("/api/staff/notifications/{id}/", NOTIFICATIONS),
    post("/api/staff/notifications/{id}/resend/", NOTIFICATIONS),
    # Posted to by Amazon, and by the mail programs of recipients: signed as a whole, or by the token in the link.
    Route("POST", "/api/notifications/webhooks/ses/", NOTIFICATIONS, kind="webhook", body_limit=WEBHOOK_BODY),
    Route("POST", "/api/customers/unsubscribe/", NOTIFICATIONS, limits=(per_ip(30, 60),), kind="webhook"),
    # The whole product.
    own("GET", "/api/health/", "health", "The health of all parts", public=True),
    own("GET", "/api/openapi.json", "openapi", "This document", public=True),
    own("GET", "/api/docs/", "docs", public=True),
    own("GET", "/api/docs/events/", "event_docs", public=True),
    own("GET", "/api/docs/events/asyncapi.json", "asyncapi", "The events as an AsyncAPI document", public=True),
    own("GET", "/api/docs/static/{file}", "docs_file", public=True),
    # For orchestrators and for services; neither is part of the API.
    own("GET", "/health/live", "live", public=True),
    own("GET", "/health/ready", "ready", public=True),
    own("POST", "/internal/sessions/end", "end_account_sessions", public=True),
)
