"""The documents that are made from the code say what the code does."""

import json
import re

import pytest
from devstack.api_document import api_document
from devstack.settings_page import settings_page
from gateway.routes import ROUTES

from . import compose

PAGE = compose.ROOT / "docs" / "settings.md"
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
ROW = re.compile(r"^\| `(?P<variable>[A-Z_]+)` \| (?P<meaning>[^|]*) \| .* \|$", re.MULTILINE)


def test_the_page_about_settings_is_up_to_date() -> None:
    assert PAGE.read_text() == settings_page(), "run `make settings`"


def test_the_page_does_not_depend_on_the_environment_it_is_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    monkeypatch.setenv("PORT", "not a port")
    assert PAGE.read_text() == settings_page()


def test_every_setting_says_what_it_means() -> None:
    rows = ROW.findall(settings_page())
    assert len(rows) > 40
    assert all(meaning.strip() for _, meaning in rows)


def test_the_api_document_holds_every_public_route() -> None:
    document = json.loads(api_document())
    described = {(method, shape(path)) for path, methods in document["paths"].items() for method in methods}
    public = {(r.method.lower(), shape(r.template)) for r in ROUTES if r.upstream or r.summary}
    assert described == public
    assert document["x-unavailable"] == []


def test_the_api_documents_chapters_speak_the_trades_words_and_none_comes_twice() -> None:
    document = json.loads(api_document())
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert {len(operation["tags"]) for operation in operations} == {1}
    chapters = [chapter["name"] for chapter in document["tags"]]
    assert {operation["tags"][0] for operation in operations} == set(chapters)
    assert all(name[0].isupper() for name in chapters)
    assert len({name.casefold() for name in chapters}) == len(chapters)


def test_every_link_between_documents_leads_somewhere() -> None:
    places = ("*.md", "docs/**/*.md", "deploy/**/*.md", "services/*/*.md", "gateway/*.md", "shared/*.md", "bench/*.md")
    pages = [page for place in places for page in compose.ROOT.glob(place)]
    links = [(page, link) for page in pages for link in LINK.findall(page.read_text()) if "://" not in link]
    assert len(links) > 20
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


def shape(template: str) -> str:
    return re.sub(r"{\w+}", "{}", template).rstrip("/")
