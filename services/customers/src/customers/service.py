"""Composition root of the customers service."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from shared.commands import Handler
from shared.http.client import ServiceClient
from shared.invariants import prover
from shared.jobs import Job
from shared.sealing import Sealer
from shared.service import Parts, Platform, Service

from customers.adapters.elsewhere import Elsewhere
from customers.adapters.links import Links
from customers.adapters.passwords import Passwords
from customers.adapters.second_factors import SecondFactors
from customers.api import (
    addresses,
    customer_auth,
    links,
    profile,
    second_factor,
    staff_accounts,
    staff_auth,
    staff_views,
)
from customers.api.staff_sessions import StaffSessions
from customers.authentication import Authentication
from customers.commands.await_second_factor import AwaitSecondFactor, await_second_factor
from customers.commands.change_password import ChangePassword, change_password
from customers.commands.change_staff import ChangeStaff, ChangingStaff
from customers.commands.choose_password import ChoosePassword, choose_password
from customers.commands.complete_login import CompleteLogin, CompletingLogins
from customers.commands.create_staff_account import CreateStaffAccount, create_staff_account
from customers.commands.forget_expired_tokens import ForgetExpiredTokens, forget_expired_tokens
from customers.commands.forget_old_failures import ForgetOldFailures, forget_old_failures
from customers.commands.invite_staff import InviteStaff, InvitingStaff
from customers.commands.keep_audit_entry import KeepAuditEntry, keep_audit_entry
from customers.commands.keep_booking import KeepBooking, keep_booking
from customers.commands.keep_created_booking import KeepCreatedBooking, keep_created_booking
from customers.commands.keep_payment import KeepPayment, keep_payment
from customers.commands.keep_refund import KeepRefund, keep_refund
from customers.commands.know_guests import GiveBookingsOfGuests, give_bookings_of_guests
from customers.commands.record_failed_login import RecordFailedLogin, record_failed_login
from customers.commands.register_customer import RegisterCustomer, RegisteringCustomers
from customers.commands.renew_password_hash import RenewPasswordHash, renew_password_hash
from customers.commands.request_password_reset import (
    AnsweringResetRequests,
    AnswerResetRequests,
    RequestPasswordReset,
    request_password_reset,
)
from customers.commands.request_session_ending import RequestSessionEnding, request_session_ending
from customers.commands.resend_invitation import ResendingInvitations, ResendInvitation
from customers.commands.resend_verification import ResendingVerification, ResendVerification
from customers.commands.save_address import (
    ChangeAddress,
    RemoveAddress,
    SaveAddress,
    change_address,
    remove_address,
    save_address,
)
from customers.commands.set_up_second_factor import (
    ConfirmSecondFactor,
    DisableSecondFactor,
    EnrollSecondFactor,
    ResetSecondFactor,
    SettingUpSecondFactors,
)
from customers.commands.update_profile import UpdateProfile, update_profile
from customers.commands.verify_email import VerifyEmail, verify_email
from customers.commands.watch_erasures import WatchErasures, watch_erasures
from customers.erasing_tools import add_erasing_commands
from customers.erasure_lists import add_list_commands
from customers.events import EVENT_HANDLERS
from customers.people import PEOPLE_COMMANDS, people_routers
from customers.queries.invariants import CHECKS
from customers.session_orders import ending_sessions, refreshing_sessions
from customers.settings import Settings
from customers.tools import add_staff_commands

COMMANDS: dict[type, Handler] = {
    WatchErasures: watch_erasures,
    VerifyEmail: verify_email,
    RequestPasswordReset: request_password_reset,
    ChoosePassword: choose_password,
    AwaitSecondFactor: await_second_factor,
    ForgetExpiredTokens: forget_expired_tokens,
    RecordFailedLogin: record_failed_login,
    ForgetOldFailures: forget_old_failures,
    ChangePassword: change_password,
    RenewPasswordHash: renew_password_hash,
    UpdateProfile: update_profile,
    SaveAddress: save_address,
    ChangeAddress: change_address,
    RemoveAddress: remove_address,
    CreateStaffAccount: create_staff_account,
    KeepAuditEntry: keep_audit_entry,
    KeepBooking: keep_booking,
    KeepCreatedBooking: keep_created_booking,
    KeepPayment: keep_payment,
    KeepRefund: keep_refund,
    RequestSessionEnding: request_session_ending,
    GiveBookingsOfGuests: give_bookings_of_guests,
}


def _commands_with_links(links: Links) -> dict[type, Handler]:
    """Those that send links."""
    return {
        RegisterCustomer: RegisteringCustomers(links),
        ResendVerification: ResendingVerification(links),
        InviteStaff: InvitingStaff(links),
        ChangeStaff: ChangingStaff(links),
        ResendInvitation: ResendingInvitations(links),
        AnswerResetRequests: AnsweringResetRequests(links),
    }


def _commands_with_codes(second_factors: SecondFactors, required: bool) -> dict[type, Handler]:
    """Those that deal with second factors."""
    setting_up = SettingUpSecondFactors(second_factors, required)
    return {
        CompleteLogin: CompletingLogins(second_factors),
        EnrollSecondFactor: setting_up.enroll,
        ConfirmSecondFactor: setting_up.confirm,
        DisableSecondFactor: setting_up.disable,
        ResetSecondFactor: setting_up.reset,
    }


def _holders_of_data(platform: Platform[Settings]) -> list[ServiceClient]:
    """The services that customers' own data is collected from."""
    settings = platform.settings
    urls = {
        "booking": settings.booking_url,
        "payments": settings.payments_url,
        "notifications": settings.notifications_url,
    }
    return [platform.client(name, url, settings.identity_private_key) for name, url in urls.items()]


def compose(platform: Platform[Settings]) -> Parts:
    """All that the processes of this service run."""
    settings, database, clock = platform.settings, platform.database, platform.clock
    sealer = Sealer(settings.sealing_key)
    needs_second_factor = settings.admins_need_second_factor
    own = _commands_with_links(Links(sealer)) | _commands_with_codes(SecondFactors(sealer), needs_second_factor)
    commands = platform.commands(COMMANDS | PEOPLE_COMMANDS | own)
    sessions = StaffSessions(needs_second_factor)
    passwords = Passwords(settings.password_threads)
    gateway = platform.client("gateway", settings.gateway_url, settings.identity_private_key)
    others = _holders_of_data(platform)
    authentication = Authentication(database, commands, passwords, clock)
    return Parts(
        commands=commands,
        routers=[
            customer_auth.routes(database, commands, passwords, authentication),
            links.routes(commands, links.PasswordLinks(database, commands, passwords, clock)),
            staff_auth.routes(staff_auth.StaffDoor(database, commands, passwords, authentication, sessions, clock)),
            second_factor.routes(commands, authentication, sessions),
            staff_accounts.routes(
                database, commands, staff_accounts.Hiring(commands, passwords, clock, settings.timezone)
            ),
            profile.routes(database, commands),
            addresses.routes(database, commands),
            *people_routers(database, commands, authentication, Elsewhere(others), clock, settings.timezone),
            staff_views.routes(database, settings.timezone),
        ],
        event_handlers=EVENT_HANDLERS,
        jobs=[
            Job("end-sessions", timedelta(seconds=0.5), ending_sessions(database, gateway)),
            Job("refresh-sessions", timedelta(seconds=0.5), refreshing_sessions(database, gateway)),
            Job("send-reset-links", timedelta(seconds=0.5), lambda: commands.execute(AnswerResetRequests())),
            Job("know-guests", timedelta(seconds=1), lambda: commands.execute(GiveBookingsOfGuests())),
            Job("forget-tokens", timedelta(minutes=5), lambda: commands.execute(ForgetExpiredTokens())),
            Job("watch-erasures", timedelta(hours=1), lambda: commands.execute(WatchErasures())),
            Job("forget-failures", timedelta(minutes=5), lambda: commands.execute(ForgetOldFailures())),
        ],
        resources=[passwords, gateway, *others],
        invariants=prover(database, CHECKS),
    )


def _add_commands(cli: typer.Typer, service: Service[Any]) -> None:
    add_staff_commands(cli, service)
    add_erasing_commands(cli, service)
    add_list_commands(cli, service)


SERVICE = Service(
    name="customers",
    title="ToteTaxi customers",
    settings=Settings,
    compose=compose,
    migrations=Path(__file__).parent / "migrations" / "versions",
    tools=_add_commands,
)
