"""The page about events says what the contracts say."""

from pathlib import Path

from shared.contracts.events_page import events_page

PAGE = Path(__file__).parents[3] / "docs" / "events.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == events_page(), "run `make events`"
