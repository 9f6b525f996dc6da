"""The story: who books what, how it is paid, and what proves that all is well."""

import json
from pathlib import Path
from typing import Any

from devstack.demo.broken import PromiseBroken
from devstack.demo.browser import Browser, CardForm
from devstack.demo.mailbox import Mailbox
from devstack.demo.moves import Move, mini_move, specialty_item, standard_delivery
from devstack.demo.people import Booked, Customer, Person
from devstack.demo.stage import Stage, money
from devstack.demo.trace import Hop, path_of, trace_of_event
from devstack.folder import RunFolder

VISA, DECLINED, CHALLENGED = "pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"
SERVICES_ON_THE_WAY = 4
"""Booking, payments, customers and notifications have a part in every booking and in every payment."""


def tell_story(folder: RunFolder) -> int:
    """Tell it against what runs in `folder`; returns an exit code, 1 if anything is not as promised."""
    stage = Stage()
    if folder.supervisor_pid() is None or not folder.stack_file.exists():
        stage.bad(f"Nothing runs in {folder.path}; `make run` or `make up` starts it.")
        return 1
    try:
        Story(json.loads(folder.stack_file.read_text()), folder.logs, stage).tell()
    except PromiseBroken as reason:
        stage.bad(str(reason))
        return 1
    stage.chapter(f"All as promised, in {stage.seconds:.0f} s.")
    return 0


class Story:
    """One telling."""

    def __init__(self, stack: dict[str, Any], logs: Path, stage: Stage) -> None:
        """`stack` is what `stack.json` says."""
        self._stack = stack
        self._logs = logs
        self._stage = stage
        self._card_form = CardForm(stack["stripe"])
        self._mailbox = Mailbox(stack["mailbox"])

    def tell(self) -> None:
        """All chapters. Raises PromiseBroken."""
        first = self._guests()
        self._customer()
        self._follow(first)
        self._prove()

    def _guests(self) -> Booked:
        self._stage.chapter("Three guests book, each in another way")
        ada, ben, eve = (self._guest(*name) for name in (("Ada", "Byron"), ("Ben", "Okri"), ("Eve", "Arden")))
        first = self._book(ada, mini_move())
        self._pay(first, VISA)
        self._settle(ada, first)
        second = self._book(ben, standard_delivery())
        self._be_declined(ben, second)
        self._pay(second, VISA)
        self._confirm(ben, second)
        self._settle(ben, second)
        third = self._book(eve, specialty_item())
        self._pay_challenged(third)
        self._settle(eve, third)
        return first

    def _customer(self) -> None:
        self._stage.chapter("A customer with an account books the same three")
        grace = Customer("Grace", "Hopper", self._stack["gateway_url"], self._stage)
        grace.register()
        self._stage.good(f"Grace has an account for {grace.email}.")
        bookings = []
        for move in (mini_move(), standard_delivery(), specialty_item()):
            booked = self._book(grace, move)
            bookings.append(booked)
            self._pay(booked, VISA)
            self._settle(grace, booked)
        if not grace.book_twice(bookings[-1]):
            raise PromiseBroken("An order that was sent twice was booked twice.")
        self._stage.good("The last order is sent again, as after a lost answer: the same booking comes back.")
        total = sum(booked.total_cents for booked in bookings)
        grace.await_counted(len(bookings), total)
        self._stage.good(f"Her account counts {len(bookings)} bookings and {money(total)}, each once.")

    def _guest(self, first_name: str, last_name: str) -> Person:
        return Person(first_name, last_name, self._stack["gateway_url"], self._stage)

    def _book(self, person: Person, move: Move) -> Booked:
        quote = person.quote(move)
        booked = person.book(move, quote)
        when, price = move.details["pickup_date"], money(booked.total_cents)
        self._stage.tell(f"{person.first_name} books {move.title} for {when}: {booked.number}, {price}")
        return booked

    def _pay(self, booked: Booked, card: str) -> None:
        status = self._card_form.pay(booked.intent, card).get("status")
        if status != "succeeded":
            raise PromiseBroken(f"Stripe did not take the card for {booked.number}: {status}")
        self._stage.good(f"Stripe takes the card: {money(booked.total_cents)}.")

    def _be_declined(self, person: Person, booked: Booked) -> None:
        error = self._card_form.pay(booked.intent, DECLINED).get("error")
        if not error:
            raise PromiseBroken(f"The card that is always declined was taken for {booked.number}.")
        self._stage.refused(f"{error['message']} The booking waits for another card:")
        if person.status(booked) != "pending":
            raise PromiseBroken(f"{booked.number} does not wait for another card.")

    def _pay_challenged(self, booked: Booked) -> None:
        intent = self._card_form.pay(booked.intent, CHALLENGED)
        if intent.get("status") != "requires_action":
            raise PromiseBroken(f"The bank did not ask the cardholder of {booked.number}: {intent}")
        self._stage.tell("The bank asks whether it is really her (3-D Secure).")
        intent = self._card_form.pass_challenge(intent["next_action"]["use_stripe_sdk"]["stripe_js"])
        if intent.get("status") != "succeeded":
            raise PromiseBroken(f"Stripe did not take the card for {booked.number}: {intent}")
        self._stage.good(f"It is. Stripe takes the card: {money(booked.total_cents)}.")

    def _confirm(self, person: Person, booked: Booked) -> None:
        """The browser tells us as well; whether it or Stripe is first makes no difference."""
        body = {"payment_intent_id": booked.intent["id"], "client_secret": booked.intent["client_secret"]}
        answer = person.browser.post("/api/payments/confirm/", body)
        if answer["payment_status"] != "succeeded":
            raise PromiseBroken(f"Confirming {booked.number} was answered with {answer}.")

    def _settle(self, person: Person, booked: Booked) -> None:
        person.await_paid(booked)
        mail = self._mailbox.await_subject(person.email, booked.number, "is confirmed")
        self._stage.good(f"{booked.number} is paid.")
        self._stage.mail(mail.recipient, mail.subject)

    def _follow(self, booked: Booked) -> None:
        asked = Hop(booked.asked_at, "browser", "sends the order to the gateway, which asks booking")
        answered = Hop(booked.answered_at, "browser", "has the answer: booked, with an intent to pay")
        title = f"The way of {booked.number}, from the guest's request to the first e-mail"
        self._show_trace(title, booked.trace_id, asked, answered)
        paid = trace_of_event(self._stack["databases"]["booking"], booked.id, "booking.paid.v1")
        self._show_trace(f"The way of {booked.number}, from Stripe's word to the confirmation", paid)

    def _show_trace(self, title: str, trace_id: str, *seen_outside: Hop) -> None:
        hops = path_of(trace_id, self._stack["databases"], sorted(self._logs.glob("*.log"))) if trace_id else []
        if len({hop.place.partition("-")[0] for hop in hops}) < SERVICES_ON_THE_WAY:
            raise PromiseBroken(f"The trace “{trace_id}” does not show its way through the services.")
        self._stage.chapter(title)
        self._stage.tell(f"trace {trace_id}")
        hops = sorted([*hops, *seen_outside])
        for hop in hops:
            milliseconds = (hop.time - hops[0].time).total_seconds() * 1000
            self._stage.row(f"{milliseconds:+6.0f} ms  {hop.place:<20}", hop.what)

    def _prove(self) -> None:
        self._stage.chapter("The ledger's proof")
        office = Browser(self._stack["gateway_url"], self._stage)
        office.post("/api/staff/auth/login/", self._stack["admin"])
        proof = office.get("/api/staff/ops/invariants/")
        for check in proof["checks"]:
            figures = ", ".join(_figure(name, value) for name, value in check["figures"].items() if name != "wrong")
            say = self._stage.good if check["ok"] else self._stage.bad
            say(f"{check['service']}: {check['details']} ({figures})")
        if not proof["ok"]:
            raise PromiseBroken("The books do not add up.")
        self._stage.good("Nothing is owed: not by us, and not to us.")


def _figure(name: str, value: Any) -> str:
    """`captured_cents`, 12300 → `captured: $123.00`."""
    shown = money(value) if name.endswith("_cents") else str(value)
    return f"{name.removesuffix('_cents').replace('_', ' ')}: {shown}"
