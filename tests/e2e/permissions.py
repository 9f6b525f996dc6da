"""Who may do what: the rule of every operation, in the words of the product and not of the code.

`anyone`, `customer`, `staff` (whatever they may do), or `staff:` and the permission that is needed. An operation that
is missing here fails the tests, and so does one that lets in others than its line says.
"""

KINDS_IN_CATALOG = (
    "packages",
    "organizing-services",
    "specialty-items",
    "delivery-configs",
    "surcharges",
    "zones",
    "discount-codes",
)


def _kept_by_staff(kind: str) -> dict[str, str]:
    one, all_of_them = f"/api/staff/catalog/{kind}/{{id}}/", f"/api/staff/catalog/{kind}/"
    looks = {f"GET {path}": "staff:view_catalog" for path in (one, all_of_them)}
    return looks | dict.fromkeys((f"POST {all_of_them}", f"PUT {one}", f"DELETE {one}"), "staff:manage_catalog")


RULES: dict[str, str] = {
    # The catalogue.
    "GET /api/bookings/services/": "anyone",
    "GET /api/bookings/services/mini-moves-with-organizing/": "anyone",
    "GET /api/bookings/services/organizing/{id}/": "anyone",
    "GET /api/bookings/service-area/": "anyone",
    "GET /api/staff/catalog/policies/": "staff:view_catalog",
    "PUT /api/staff/catalog/policies/": "staff:manage_catalog",
    "GET /api/staff/catalog/history/": "staff:view_catalog",
    "GET /api/staff/catalog/history/{version}/": "staff:view_catalog",
    **{operation: rule for kind in KINDS_IN_CATALOG for operation, rule in _kept_by_staff(kind).items()},
    # Bookings.
    "POST /api/bookings/pricing-preview/": "anyone",
    "GET /api/bookings/availability/": "anyone",
    "POST /api/bookings/guest-booking/": "anyone",
    "GET /api/bookings/booking-status/{booking_number}/": "anyone",
    "POST /api/customers/bookings/create/": "customer",
    "GET /api/customers/bookings/": "customer",
    "GET /api/customers/bookings/{id}/": "customer",
    "POST /api/customers/bookings/{id}/cancel/": "customer",
    "POST /api/bookings/booking-status/{booking_number}/cancel/": "anyone",
    "GET /api/staff/bookings/": "staff:view_bookings",
    "GET /api/staff/bookings/{id}/": "staff:view_bookings",
    "PUT /api/staff/bookings/{id}/": "staff:manage_bookings",
    "GET /api/staff/bookings/{id}/documents/": "staff:view_bookings",
    "POST /api/staff/bookings/{id}/documents/": "staff:manage_bookings",
    "DELETE /api/staff/bookings/{id}/documents/{document_id}/": "staff:manage_bookings",
    "GET /api/bookings/documents/": "anyone",
    "GET /api/staff/ops/switches/": "staff:manage_operations",
    "PUT /api/staff/ops/switches/": "staff:manage_operations",
    # Payments.
    "POST /api/payments/create-intent/": "anyone",
    "POST /api/payments/confirm/": "anyone",
    "POST /api/payments/webhooks/stripe/": "anyone",
    "GET /api/payments/status/{booking_number}/": "anyone",
    "POST /api/customers/bookings/{id}/pay/": "customer",
    "GET /api/customers/payment-methods/": "customer",
    "POST /api/customers/payment-methods/": "customer",
    "POST /api/customers/payment-methods/confirm/": "customer",
    "PUT /api/customers/payment-methods/{id}/": "customer",
    "DELETE /api/customers/payment-methods/{id}/": "customer",
    "GET /api/staff/payments/": "staff:view_bookings",
    "GET /api/staff/payments/{id}/": "staff:view_bookings",
    "POST /api/staff/payments/{id}/refunds/": "staff:refund_payments",
    "POST /api/staff/payments/{id}/resolve/": "staff:refund_payments",
    "GET /api/staff/stripe-events/": "staff:refund_payments",
    "POST /api/staff/stripe-events/{event_id}/resolve/": "staff:refund_payments",
    "GET /api/staff/refunds/": "staff:view_bookings",
    "GET /api/staff/ops/invariants/": "staff:manage_operations",
    # Accounts, customers.
    "POST /api/customers/auth/register/": "anyone",
    "POST /api/customers/auth/login/": "anyone",
    "POST /api/customers/auth/logout/": "customer",
    "POST /api/customers/auth/password/": "customer",
    "POST /api/customers/auth/verify-email/": "anyone",
    "POST /api/customers/auth/resend-verification/": "customer",
    "POST /api/customers/auth/password-reset/": "anyone",
    "POST /api/customers/auth/password-reset/confirm/": "anyone",
    "GET /api/customers/auth/user/": "customer",
    "GET /api/customers/profile/": "customer",
    "PUT /api/customers/profile/": "customer",
    "GET /api/customers/preferences/": "customer",
    "PUT /api/customers/preferences/": "customer",
    "GET /api/customers/addresses/": "customer",
    "POST /api/customers/addresses/": "customer",
    "PUT /api/customers/addresses/{id}/": "customer",
    "DELETE /api/customers/addresses/{id}/": "customer",
    "GET /api/staff/customers/": "staff:view_customers",
    "GET /api/staff/customers/{id}/": "staff:view_customers",
    "GET /api/staff/audit/": "staff:manage_operations",
    "POST /api/staff/auth/login/": "anyone",
    "POST /api/staff/auth/logout/": "staff",
    "POST /api/staff/auth/password-reset/": "anyone",
    "POST /api/staff/auth/password-reset/confirm/": "anyone",
    "POST /api/staff/auth/invite/accept/": "anyone",
    "GET /api/staff/auth/user/": "staff",
    "POST /api/staff/auth/password/": "staff",
    "POST /api/staff/auth/totp/verify/": "anyone",
    "POST /api/staff/auth/totp/recover/": "anyone",
    "POST /api/staff/auth/totp/enroll/": "staff",
    "POST /api/staff/auth/totp/confirm/": "staff",
    "POST /api/staff/auth/totp/disable/": "staff",
    "GET /api/staff/accounts/": "staff:manage_staff",
    "POST /api/staff/accounts/": "staff:manage_staff",
    "GET /api/staff/accounts/{id}/": "staff:manage_staff",
    "PUT /api/staff/accounts/{id}/": "staff:manage_staff",
    "POST /api/staff/accounts/{id}/resend-invitation/": "staff:manage_staff",
    # Messages.
    "GET /api/staff/notifications/": "staff:view_bookings",
    "GET /api/staff/notifications/templates/": "staff:view_bookings",
    "GET /api/staff/notifications/templates/{id}/preview/": "staff:view_bookings",
    # Of every service, for the gateway's pages.
    "GET /operations/heartbeats/": "staff:manage_operations",
    "GET /operations/parked-events/": "staff:manage_operations",
    "GET /operations/parked-events/{id}/": "staff:manage_operations",
    "POST /operations/parked-events/{id}/": "staff:manage_operations",
    # Between services and for the supervisor.
    "GET /internal/heartbeats/": "service",
    "POST /internal/bookings/{id}/place": "service",
    "GET /internal/catalog/snapshot/": "service",
    "POST /internal/payment-intents": "service",
}
