"""The words that a booking is found by."""

import pytest
from booking.domain.search_words import search_query, words_of

ADA = words_of("TT-20261123-0042", "Zoë", "O'Brien-Smith", "zoe.ob@mail.example.com", "+12125550123")


def found(typed: str) -> bool:
    """Whether every wanted beginning begins one of Ada's words, as the database decides it."""
    query = search_query(typed)
    wanted = [part.strip().removesuffix(":*").strip("'").replace("''", "'") for part in query.split(" & ")]
    return bool(query) and all(any(word.startswith(part) for word in ADA) for part in wanted)


@pytest.mark.parametrize(
    "typed",
    [
        "zoe", "ZOË", "Smi", "o'brien", "zoe smith", "zoe.ob@mail", "zoe.ob@mail.example.com", "@mail.example",
        "example.com", "212-555-0123", "+1 (212) 555", "5550123", "0123", "TT-20261123-0042", "tt-20261123",
        "20261123-0042", "TT202611230042",
    ],
)  # fmt: skip
def test_it_is_found_by(typed: str) -> None:
    assert found(typed)


@pytest.mark.parametrize("typed", ["oe", "smith jones", "ob@mail", "999", "TT-20261124", "", "!!!", "  "])
def test_it_is_not_found_by(typed: str) -> None:
    assert not found(typed)


def test_what_was_typed_can_not_leave_its_quotes() -> None:
    assert search_query("a'b@c\\d' | 'x") == "'a''b@c\\\\d''':* & 'x':*"


def test_a_long_search_is_cut_to_eight_words() -> None:
    assert search_query("a b c d e f g h i j").count(":*") == 8
