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
