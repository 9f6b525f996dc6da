"""Refusals of the customers service."""

from shared.errors import Conflict, Forbidden, NotFound, Refusal


class InvalidCredentials(Refusal):
    """The e-mail address or the password is wrong; which of them is never told."""

    code = "invalid_credentials"
    message = "Invalid e-mail address or password."


class StaffAccount(Forbidden):
    """The right password of a staff account, at the customers' login."""

    code = "staff_account"
    message = "This is a staff account. Please use the staff login."


class CustomerAccount(Forbidden):
    """The right password of a customer account, at the staff's login."""

    code = "customer_account"
    message = "This is a customer account. Please use the customer login."


class EmailExists(Conflict):
    """The address has an account. The answer is the same for customers' and staff's: it tells nobody who works here."""

    code = "email_exists"
    message = "An account with this e-mail address exists already."


class EmployeeIdExists(Conflict):
    """Another staff account has this employee id."""

    code = "employee_id_exists"
    message = "Another staff account has this employee id."


class StaleVersion(Conflict):
    """Someone else changed it meanwhile; `version` is the present one."""

    code = "stale_version"
    message = "This was changed meanwhile. Please load it again."


class NicknameExists(Conflict):
    """The customer has another saved address of this nickname."""

    code = "nickname_exists"
    message = "You have another saved address with this nickname."


class AddressNotFound(NotFound):
    """The customer has no such saved address."""

    message = "You have no such saved address."


class CustomerNotFound(NotFound):
    """There is no such customer."""

    message = "There is no such customer."


class InvalidToken(Refusal):
    """The token of a link or of a waiting login was used, is too old, was replaced, or never was one."""

    code = "invalid_token"
    message = "This is not valid any more. Please ask for a new one."


class InvalidCode(Refusal):
    """The code of the second factor is wrong, too old, or was used before."""

    code = "invalid_code"
    message = "This code is not valid."


class AlreadyVerified(Conflict):
    """The address is confirmed; there is nothing to send."""

    code = "already_verified"
    message = "Your e-mail address is confirmed already."


class StaffNotFound(NotFound):
    """There is no such staff account."""

    message = "There is no such staff account."


class OwnAccount(Conflict):
    """Nobody takes rights from themselves or lets themselves go."""

    code = "own_account"
    message = "You can't change what you may do yourself. Please ask another administrator."


class LastAdmin(Conflict):
    """Somebody has to be able to let others in."""

    code = "last_admin"
    message = "This is the last active administrator."


class BeyondOwnRights(Forbidden):
    """Nobody gives or takes what they don't have themselves."""

    message = "You can't manage accounts with rights that you don't have."


class NoOpenInvitation(Conflict):
    """The invitation was accepted, or the person was let go; there is nothing to send."""

    code = "no_open_invitation"
    message = "This person has no open invitation."


class SecondFactorRequired(Conflict):
    """The account must have a second factor; it can get another one, but not go without."""

    code = "second_factor_required"
    message = "Your account needs a second factor. You can set up another one in its place."


class NoSecondFactor(Conflict):
    """There is no second factor, or none that waits to be confirmed."""

    code = "no_second_factor"
    message = "No second factor has been set up."
