"""Makes the packages `gateway` and `shared` known before pytest meets the folders of the same names."""

import pytest

import gateway  # noqa: F401
import shared  # noqa: F401

STORIES = ("tests", "e2e")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several workers a file's tests stay together, and all stories on one of them, since they share one stack.

    Stories come first: they are the longest part that one worker has to do alone.
    """
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        path = item.path.relative_to(config.rootpath)
        is_story = path.parts[:2] == STORIES
        item.add_marker(pytest.mark.xdist_group("stories" if is_story else str(path)))
    items.sort(key=lambda item: item.path.relative_to(config.rootpath).parts[:2] != STORIES)
