"""Which parts of an address go together."""

from shared.places import state_of_zip


def state_problem(zip_code: str, state: str) -> str:
    """A sentence about a ZIP code that is not of the state; empty if it is."""
    return "" if state_of_zip(zip_code) == state else f"This ZIP code does not belong to {state}."
