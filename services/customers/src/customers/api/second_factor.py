"""The second factor of staff: the second step of a login, and setting it up."""

from enum import Enum
from typing import Any

from fastapi import APIRouter, Response
from shared.commands import Commands
from shared.http import access
from shared.http.identity import Caller

from customers.adapters.staff import Actor
from customers.adapters.totp import provisioning_uri
from customers.api import answers, schemas, staff_answers
from customers.api.staff_sessions import StaffSessions
from customers.authentication import Authentication
from customers.commands.complete_login import CompletedLogin, CompleteLogin
from customers.commands.set_up_second_factor import ConfirmSecondFactor, DisableSecondFactor, EnrollSecondFactor
from customers.domain.errors import InvalidCode

TAGS: list[str | Enum] = ["Staff: accounts"]


def routes(commands: Commands, authentication: Authentication, sessions: StaffSessions) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/api/staff/auth/totp", tags=TAGS)
    _add_second_step(router, commands, sessions)
    _add_enrollment(router, commands, authentication, sessions)
    _add_removal(router, commands, authentication, sessions)
    return router


def _given(outcome: Any) -> Any:
    if outcome is None:
        raise InvalidCode()
    return outcome


def _add_second_step(router: APIRouter, commands: Commands, sessions: StaffSessions) -> None:
    async def complete(token: str, code: str, how: str, caller: Caller) -> CompletedLogin:
        done: CompletedLogin = _given(await commands.execute(CompleteLogin(token, code, how, caller.ip, caller.ua)))
        return done

    @router.post(
        "/verify/",
        response_model=answers.StaffLogin,
        operation_id="verify_second_factor",
        summary="Complete a login with a code of the app",
    )
    async def verify(body: schemas.SecondStep, caller: Caller = access.anyone()) -> Response:
        """Complete a login. 400 `invalid_code` or `invalid_token`; 423 `account_locked` after ten failures."""
        done = await complete(body.login_token, body.code, "Logged in with the second factor", caller)
        return sessions.logged_in(done.row, done.access_version)

    @router.post(
        "/recover/",
        response_model=staff_answers.RecoveredLogin,
        operation_id="recover_second_factor",
        summary="Complete a login with a recovery code",
    )
    async def recover(body: schemas.Recovery, caller: Caller = access.anyone()) -> Response:
        """Complete a login without the phone; the code is used up. Refusals as with a code of the app."""
        done = await complete(body.login_token, body.recovery_code, "Logged in with a recovery code", caller)
        return sessions.logged_in(done.row, done.access_version, recovery_codes_left=done.recovery_codes_left)


def _add_enrollment(
    router: APIRouter, commands: Commands, authentication: Authentication, sessions: StaffSessions
) -> None:
    @router.post(
        "/enroll/",
        response_model=staff_answers.SecondFactorSecret,
        operation_id="enroll_second_factor",
        summary="Set up a second factor",
    )
    async def enroll(body: schemas.SecondFactorEnrollment, caller: Caller = access.staff()) -> dict[str, str]:
        """Get a new secret for the app, which counts once it is confirmed; until then an earlier one does."""
        await authentication.prove_own(caller, body.password)
        secret = _given(await commands.execute(EnrollSecondFactor(Actor.of(caller), body.code)))
        return {"secret": secret, "provisioning_uri": provisioning_uri(secret, caller.email)}

    @router.post(
        "/confirm/",
        response_model=staff_answers.SecondFactorConfirmed,
        operation_id="confirm_second_factor",
        summary="Confirm a second factor",
    )
    async def confirm(body: schemas.SecondFactorConfirmation, caller: Caller = access.staff()) -> Response:
        """Prove to have the secret. All other sessions end; earlier recovery codes are replaced. 400 `invalid_code`."""
        row, codes = _given(await commands.execute(ConfirmSecondFactor(Actor.of(caller), body.code)))
        content = {"message": "The second factor is set up.", "recovery_codes": codes}
        return sessions.opened(content, row, row.access_version)


def _add_removal(
    router: APIRouter, commands: Commands, authentication: Authentication, sessions: StaffSessions
) -> None:
    @router.post(
        "/disable/",
        response_model=answers.PasswordChanged,
        operation_id="disable_second_factor",
        summary="Go without a second factor",
    )
    async def disable(body: schemas.SecondFactorRemoval, caller: Caller = access.staff()) -> Response:
        """Log in with the password alone from now on. All other sessions end.

        409 `no_second_factor`; 409 `second_factor_required` for those who must have one.
        """
        await authentication.prove_own(caller, body.password)
        row = _given(await commands.execute(DisableSecondFactor(Actor.of(caller), body.code)))
        return sessions.opened({"message": "The second factor is removed."}, row, row.access_version)
