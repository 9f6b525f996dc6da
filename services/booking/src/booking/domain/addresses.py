"""Where we move: New York, Connecticut and New Jersey, by state and ZIP code."""

from shared.places import is_zip, state_of_zip

from booking.domain.move import Place, Problems

SERVED_STATES = ("NY", "CT", "NJ")


def place_problems(place: Place, state_field: str, zip_field: str) -> Problems:
    """What is wrong with a place: a state that is not served, or a ZIP code that is none or of another state."""
    served = place.state in SERVED_STATES
    if not served:
        yield state_field, "We move within NY, CT and NJ only."
    if not is_zip(place.zip_code):
        yield zip_field, "Enter a ZIP code such as 10001 or 10001-1234."
    elif served and state_of_zip(place.zip_code) != place.state:
        yield zip_field, f"This ZIP code does not belong to {place.state}."
