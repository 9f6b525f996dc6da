"""The pages of operators, merged from all services."""

from uuid import uuid4

import pytest
from gateway.copies import compare_copies

HEARTBEATS = "/operations/heartbeats/"
INVARIANTS = "/operations/invariants/"
PARKED = "/operations/parked-events/"
SOME_ID = "01900000-0000-7000-8000-000000000001"
BEAT = {"name": "reconcile", "kind": "job", "every_seconds": 60, "missed": True}
EVENT = {"id": "1", "type": "booking.paid.v1", "first_seen_at": "2026-11-22T10:00:00Z"}


@pytest.fixture
def admin(client, log_in):
    log_in(client, "staff", permissions=["manage_operations"])
    return client


def test_heartbeats_of_all_services_come_together(admin, services):
    services.pages[HEARTBEATS] = services.make_reply(200, [BEAT])
    answer = admin.get("/api/staff/ops/heartbeats/").json()
    assert {beat["service"] for beat in answer["results"]} == {
        "booking",
        "catalog",
        "payments",
        "customers",
        "notifications",
    }
    assert (answer["count"], answer["missed"], answer["unavailable"]) == (5, 5, [])


def a_proof(ok, totals):
    check = {"name": "ledger_balanced", "ok": ok, "figures": {"wrong": 0 if ok else 1}, "details": "It sums to zero."}
    return {"checks": [check], "totals": totals}


@pytest.mark.parametrize(("ok", "expected"), [(True, True), (False, False)])
def test_the_books_of_all_services_are_proven_together(admin, services, ok, expected):
    services.pages[INVARIANTS] = services.make_reply(200, a_proof(ok, {"payments": {"captured_cents": 5}}))
    proof = admin.get("/api/staff/ops/invariants/").json()
    assert (proof["ok"], len(proof["checks"]), proof["unavailable"]) == (expected, 6, [])
    assert {check["service"] for check in proof["checks"][:5]} >= {"booking", "payments"}
    assert (proof["checks"][5]["name"], proof["checks"][5]["ok"]) == ("copies_of_payments", True)


def test_nothing_is_proven_while_a_service_is_silent(start_gateway, services, log_in, nobody):
    services.pages[INVARIANTS] = services.make_reply(200, a_proof(True, {}))
    with start_gateway(PAYMENTS_URL=nobody).client() as client:
        log_in(client, "staff")
        proof = client.get("/api/staff/ops/invariants/").json()
    assert (proof["ok"], proof["unavailable"]) == (False, ["payments"])


def test_copies_that_differ_from_their_owner_are_told_with_both_figures():
    said = {"payments": {"refunds": {"cents": 5}, "stripe": {"cents": 1}}, "booking": {"refunds": {"cents": 4}}}
    [check] = compare_copies(said)
    assert (check["name"], check["ok"]) == ("copies_of_refunds", False)
    assert check["figures"] == {"payments_cents": 5, "booking_cents": 4, "wrong": 1}


def test_a_service_that_is_down_is_named(start_gateway, services, log_in, nobody):
    services.pages[PARKED] = services.make_reply(200, {"count": 7, "results": [EVENT]})
    with start_gateway(PAYMENTS_URL=nobody).client() as client:
        log_in(client, "staff")
        answer = client.get("/api/staff/ops/parked-events/").json()
    assert (answer["count"], len(answer["results"]), answer["unavailable"]) == (28, 4, ["payments"])


def test_what_a_service_forbids_is_forbidden(admin, services):
    services.pages[HEARTBEATS] = services.make_reply(403, {})
    assert admin.get("/api/staff/ops/heartbeats/").status_code == 403


@pytest.mark.parametrize("path", ["heartbeats/", "invariants/", "parked-events/", f"parked-events/booking/{SOME_ID}/"])
def test_nobody_but_staff_gets_so_far(client, services, log_in, path):
    assert client.get(f"/api/staff/ops/{path}").status_code == 401
    log_in(client)
    services.reset()
    assert client.get(f"/api/staff/ops/{path}").status_code == 403
    assert services.requests == []


def test_an_order_goes_to_its_service_alone(admin, services):
    message_id = str(uuid4())
    order = {"service": "payments", "id": message_id, "action": "drop", "reason": "A test."}
    assert admin.post("/api/staff/ops/parked-events/", json=order).status_code == 200
    assert services.last.path == f"{PARKED}{message_id}/"
    assert services.last.body == b'{"action":"drop","reason":"A test."}'
    assert services.last.caller("payments").kind == "staff"


def test_what_is_not_to_be_dropped_is_tried_again(admin, services):
    order = {"service": "booking", "id": str(uuid4())}
    assert admin.post("/api/staff/ops/parked-events/", json=order).status_code == 200
    assert services.last.path == f"{PARKED}{order['id']}/"
    assert services.last.body == b'{"action":"retry","reason":""}'


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"service": "nobody"}, "service"), ({"id": "1"}, "id"), ({"action": "eat"}, "action"), ({"more": 1}, "more")],
)
def test_a_wrong_order_names_the_field(admin, changes, field):
    order = {"service": "payments", "id": str(uuid4()), "action": "retry"} | changes
    answer = admin.post("/api/staff/ops/parked-events/", json=order)
    assert (answer.status_code, list(answer.json()["field_errors"])) == (400, [field])


def test_who_may_not_give_orders_does_not_learn_what_a_right_one_looks_like(client, services, log_in):
    log_in(client, "staff", permissions=["view_bookings"])
    services.reset()
    answer = client.post("/api/staff/ops/parked-events/", json={})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "permission_denied")
    assert services.requests == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_problem_names_the_path_that_was_asked_for(admin, services, method):
    message_id = str(uuid4())
    services.behaviour = services.make_reply(404, {"error_code": "not_found", "instance": f"{PARKED}{message_id}/"})
    asked = {"GET": f"/api/staff/ops/parked-events/booking/{message_id}/", "POST": "/api/staff/ops/parked-events/"}
    order = {"json": {"service": "booking", "id": message_id}} if method == "POST" else {}
    answer = admin.request(method, asked[method], **order)
    assert (answer.status_code, answer.json()) == (404, {"error_code": "not_found", "instance": asked[method]})


@pytest.mark.parametrize("path", ["nobody/{}", "booking/{}x"])
def test_what_can_not_be_is_not_found(admin, path):
    assert admin.get(f"/api/staff/ops/parked-events/{path.format(uuid4())}/").status_code == 404
