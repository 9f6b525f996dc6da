import pytest
from customers.domain.search import number_prefix_of, prefixes_of


@pytest.mark.parametrize(
    ("search", "query"),
    [
        ("Ada By", "'ada':* & 'by':*"),
        ("bob@ex", "'bob':* & 'ex':*"),
        ("(917) 555-01", "'917':* & '555':* & '01':*"),
        ("Émile O'Neil", "'émile':* & 'o':* & 'neil':*"),
        ("' | & ! :* \\", None),
        ("", None),
    ],
)
def test_every_word_is_the_beginning_of_a_word(search: str, query: str | None) -> None:
    assert prefixes_of(search) == query


@pytest.mark.parametrize(
    ("search", "prefix"),
    [
        (" tt-20261123-0001 ", "TT-20261123-0001"),
        ("20261123-", "TT-20261123-"),
        ("TT-20261123", "TT-20261123"),
        ("TT-2026", None),
        ("2125550123", None),
        ("TT-20261123-%", None),
    ],
)
def test_a_booking_number_is_known_by_its_day(search: str, prefix: str | None) -> None:
    assert number_prefix_of(search) == prefix
