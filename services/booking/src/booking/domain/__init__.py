"""The rules of booking: pure functions and values. Time and the catalogue come in as arguments."""
