"""A migrated database of the machinery alone, and a second way into it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from shared.db.migrations import migrate


@pytest.fixture
def database_url(database_factory: Callable[..., str], tmp_path: Path) -> str:
    return database_factory("machinery", lambda url: migrate(url, tmp_path))
