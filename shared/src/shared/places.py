"""Which served state a ZIP code belongs to."""

import re

_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
_FISHERS_ISLAND = "06390"
"""New York's only ZIP code in Connecticut's range: the island's post comes by way of Connecticut."""

_HOLTSVILLE = "005"
"""New York's only prefix below 100."""


def is_zip(zip_code: str) -> bool:
    """Whether it is written as a ZIP code, with or without the four digits at the end."""
    return _ZIP.fullmatch(zip_code) is not None


def state_of_zip(zip_code: str) -> str | None:
    """The served state that a ZIP code belongs to; nothing for other states and for what is no ZIP code."""
    if not is_zip(zip_code):
        return None
    if zip_code[:5] == _FISHERS_ISLAND or zip_code[:3] == _HOLTSVILLE:
        return "NY"
    prefix = int(zip_code[:3])
    if 60 <= prefix <= 69:
        return "CT"
    if 70 <= prefix <= 89:
        return "NJ"
    return "NY" if 100 <= prefix <= 149 else None
