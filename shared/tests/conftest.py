"""What tests of all parts of the machinery may need."""

from collections.abc import Iterator

import pytest
from shared.testing.patience import patient


@pytest.fixture
def patience() -> Iterator[None]:
    """Nobody gives up what a slow machine is late with; comes before the first connection by `usefixtures`."""
    with patient():
        yield
