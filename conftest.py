"""Makes the packages `gateway` and `shared` known before pytest meets the folders of the same names."""

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import gateway  # noqa: F401
import shared  # noqa: F401

# A machine that is slow says nothing about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

STORIES = "tests/e2e/"


class Together(LoadScopeScheduling):
    """With several workers a file's tests stay together, and all stories on one of them, since they share one stack.

    Groups made with xdist's own marks come to nothing under pytest 9.2, which keeps the ids of tests otherwise.
    """

    def _split_scope(self, nodeid: str) -> str:
        return STORIES if nodeid.startswith(STORIES) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Hands the files out in the order in which they were collected."""
    config.option.loadscopereorder = False
    return Together(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Stories come first: they are the longest part that one worker has to do alone."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(STORIES))
