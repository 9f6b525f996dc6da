"""Where we move: New York, Connecticut and New Jersey, by state and ZIP code."""

import re

from booking.domain.move import Place, Problems

SERVED_STATES = ("NY", "CT", "NJ")

_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
_FISHERS_ISLAND = "06390"
"""New York's only ZIP code in Connecticut's range: the island's post comes by way of Connecticut."""

_HOLTSVILLE = "005"
"""New York's only prefix below 100."""


def state_of_zip(zip_code: str) -> str | None:
    """The served state that a ZIP code belongs to; nothing for other states and for what is no ZIP code."""
    if not _ZIP.fullmatch(zip_code):
        return None
    if zip_code[:5] == _FISHERS_ISLAND or zip_code[:3] == _HOLTSVILLE:
        return "NY"
    prefix = int(zip_code[:3])
    if 60 <= prefix <= 69:
        return "CT"
    if 70 <= prefix <= 89:
        return "NJ"
    return "NY" if 100 <= prefix <= 149 else None


def place_problems(place: Place, state_field: str, zip_field: str) -> Problems:
    """What is wrong with a place: a state that is not served, or a ZIP code that is none or of another state."""
    served = place.state in SERVED_STATES
    if not served:
        yield state_field, "We move within NY, CT and NJ only."
    if not _ZIP.fullmatch(place.zip_code):
        yield zip_field, "Enter a ZIP code such as 10001 or 10001-1234."
    elif served and state_of_zip(place.zip_code) != place.state:
        yield zip_field, f"This ZIP code does not belong to {place.state}."
