"""What the links in e-mails lead to: confirmed addresses and new passwords."""

from enum import Enum
from typing import Any, Literal

from fastapi import APIRouter, Response
from shared.clock import Clock
from shared.commands import Commands
from shared.db.engine import Database
from shared.http import access
from shared.http.identity import Caller

from customers.adapters.common_passwords import common_passwords
from customers.adapters.passwords import Passwords
from customers.api import answers, presenting, schemas
from customers.commands.choose_password import ChoosePassword
from customers.commands.request_password_reset import RequestPasswordReset
from customers.commands.resend_verification import ResendVerification
from customers.commands.verify_email import VerifyEmail
from customers.domain.errors import InvalidToken
from customers.domain.passwords import require_good_password
from customers.domain.tokens import Purpose
from customers.queries.tokens import holder_of

CUSTOMER_TAGS: list[str | Enum] = ["Customer accounts"]
STAFF_TAGS: list[str | Enum] = ["Staff: accounts"]
RESET_ANSWER = "If there is an account with this address, a link is on its way to it."
Kind = Literal["customer", "staff"]


class PasswordLinks:
    """Sets passwords for those who hold a link."""

    def __init__(self, database: Database, commands: Commands, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._commands = commands
        self._passwords = passwords
        self._clock = clock

    async def choose(self, token: str, password: str, purpose: Purpose, kind: Kind, caller: Caller, field: str) -> Any:
        """(id, access_version), the only one that sessions may still have.

        Raises `InvalidToken`, or `Invalid` for `field`: then the link can be used once more.
        """
        holder = await holder_of(self._database, token, purpose, kind, self._clock())
        if holder is None:
            raise InvalidToken()
        require_good_password(password, holder.email, common_passwords(), field)
        new_hash = await self._passwords.hash(password)
        return await self._commands.execute(ChoosePassword(token, purpose, kind, new_hash, caller.ip, caller.ua))


def routes(commands: Commands, links: PasswordLinks) -> APIRouter:
    """The router."""
    router = APIRouter()
    _add_verification(router, commands)
    _add_reset(router, commands, links, "customer", "/api/customers/auth", CUSTOMER_TAGS)
    _add_reset(router, commands, links, "staff", "/api/staff/auth", STAFF_TAGS)
    _add_invitation(router, links)
    return router


def _add_verification(router: APIRouter, commands: Commands) -> None:
    @router.post(
        "/api/customers/auth/verify-email/",
        response_model=answers.EmailVerified,
        operation_id="verify_email",
        summary="Confirm my e-mail address",
        tags=CUSTOMER_TAGS,
    )
    async def verify(body: schemas.EmailVerification, _: Caller = access.anyone()) -> dict[str, object]:
        """Confirm the address, once. Guest bookings made with it become the customer's. 400 `invalid_token`."""
        await commands.execute(VerifyEmail(body.token))
        return {"message": "Your e-mail address is confirmed.", "email_verified": True}

    @router.post(
        "/api/customers/auth/resend-verification/",
        response_model=answers.Message,
        operation_id="resend_verification",
        summary="Send me another link to confirm my e-mail address",
        tags=CUSTOMER_TAGS,
    )
    async def resend(caller: Caller = access.customer()) -> dict[str, str]:
        """Send another link, at most once a minute and five times an hour. 409 `already_verified`."""
        await commands.execute(ResendVerification(caller.require_customer()))
        return {"message": "A link is on its way to your e-mail address."}


def _add_reset(
    router: APIRouter, commands: Commands, links: PasswordLinks, kind: Kind, prefix: str, tags: list[str | Enum]
) -> None:
    @router.post(
        f"{prefix}/password-reset/",
        response_model=answers.Message,
        operation_id=f"request_{kind}_password_reset",
        summary="I forgot my password",
        tags=tags,
    )
    async def request(body: schemas.ResetRequest, _: Caller = access.anyone()) -> dict[str, str]:
        """Ask for a link. The answer is the same for every address, and also when enough links are on their way."""
        await commands.execute(RequestPasswordReset(body.email, kind))
        return {"message": RESET_ANSWER}

    @router.post(
        f"{prefix}/password-reset/confirm/",
        response_model=answers.Message,
        operation_id=f"confirm_{kind}_password_reset",
        summary="Choose a new password",
        tags=tags,
    )
    async def confirm(body: schemas.NewPassword, caller: Caller = access.anyone()) -> Response:
        """Choose a new password with the token of a link, once; all sessions end. 400 `invalid_token`."""
        changed = await links.choose(body.token, body.new_password, "reset_password", kind, caller, "new_password")
        content = {"message": "Your password has been changed. Please log in."}
        return presenting.with_shut_out(content, changed.id, changed.access_version)


def _add_invitation(router: APIRouter, links: PasswordLinks) -> None:
    @router.post(
        "/api/staff/auth/invite/accept/",
        response_model=answers.Message,
        operation_id="accept_invitation",
        summary="Accept an invitation",
        tags=STAFF_TAGS,
    )
    async def accept(body: schemas.AcceptedInvitation, caller: Caller = access.anyone()) -> dict[str, str]:
        """Choose the first password with the token of an invitation, once. 400 `invalid_token`."""
        await links.choose(body.token, body.password, "invitation", "staff", caller, "password")
        return {"message": "Welcome. Please log in with your new password."}
