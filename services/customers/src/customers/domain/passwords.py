"""Which passwords may be used."""

from collections.abc import Container

from shared.errors import Invalid

SHORTEST = 8
LONGEST = 128


def password_problems(password: str, email: str, common: Container[str]) -> list[str]:
    """Sentences about why `password` must not be that of the account `email`; empty when it may.

    `common` holds the most common passwords in lower case.
    """
    problems = []
    if not SHORTEST <= len(password) <= LONGEST:
        problems.append(f"The password must have {SHORTEST} to {LONGEST} characters.")
    if password.lower() in common:
        problems.append("This password is too common.")
    if password.lower() == email.lower():
        problems.append("The password must not be the e-mail address.")
    return problems


def require_good_password(password: str, email: str, common: Container[str], field: str = "password") -> None:
    """Raises `Invalid` for `field` when the password must not be used."""
    if problems := password_problems(password, email, common):
        raise Invalid({field: problems})
