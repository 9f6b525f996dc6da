"""Who is to be forgotten, and what is left of a text or a document once they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

SHORTEST_WORD = 4
"""Shorter words would be found in texts that have nothing to do with the person."""

IDENTITY_MEMBERS = frozenset(
    ["customer_name", "customer_phone", "first_name", "full_name", "last_name", "name", "phone"]
)
"""Members that stand beside an e-mail address and tell whose it is."""

PERSONAL_MEMBERS = frozenset(
    [
        "address_line_1",
        "address_line_2",
        "city",
        "customer_email",
        "customer_name",
        "customer_phone",
        "delivery_instructions",
        "email",
        "first_name",
        "formatted_address",
        "full_name",
        "internal_notes",
        "item_description",
        "last_name",
        "manage_token_sealed",
        "nickname",
        "notes",
        "phone",
        "special_instructions",
        "zip_code",
    ]
)
"""Members of answers, and of messages of unknown kinds, that tell about people."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to forget: the ids of what is theirs, and words by which they would be recognised.

    `words` are as they were told, by their folded form.
    """

    ids: frozenset[str]
    words: dict[str, str]
    _mentions: re.Pattern[str] = field(repr=False)

    @classmethod
    def of(cls, subject_ids: Iterable[UUID], words: Iterable[str]) -> "Person":
        """The person to whom `subject_ids` belong; words that are too short to be anybody's are left out."""
        told = {word.casefold(): word for word in words if len(word) >= SHORTEST_WORD}
        mentions = re.compile("|".join(map(_alone, told)) or r"(?!)")
        return cls(frozenset(map(str, subject_ids)), told, mentions)

    def is_mentioned_in(self, text: str) -> bool:
        """Whether one of the words is in the text, and not as a part of somebody else's name, number or address."""
        return self._mentions.search(text.casefold()) is not None

    def owns_an_id_in(self, text: str) -> bool:
        """Whether the text has one of the ids."""
        return not self.ids.isdisjoint(_ID.findall(text))

    def is_subject_of(self, document: Any) -> bool:
        """Whether a document is about the person: it names an id of theirs, or has their address as its e-mail."""
        match document:
            case dict():
                return self._is_addressed_by(document) or any(map(self.is_subject_of, document.values()))
            case list():
                return any(map(self.is_subject_of, document))
            case str():
                return document in self.ids
        return False

    def without_mentions(self, document: Any) -> Any:
        """The document with every text blank that mentions the person.

        A name or number beside another person's e-mail address is that person's own: families share a phone, and
        namesakes a name.
        """
        match document:
            case dict():
                own = IDENTITY_MEMBERS if self._is_of_another(document) else frozenset[str]()
                return {
                    k: v if k in own and isinstance(v, str) else self.without_mentions(v) for k, v in document.items()
                }
            case list():
                return [self.without_mentions(part) for part in document]
            case str() if self.is_mentioned_in(document):
                return ""
        return document

    def _is_addressed_by(self, document: dict[str, Any]) -> bool:
        return any(address in self.words for address in _addresses(document))

    def _is_of_another(self, document: dict[str, Any]) -> bool:
        found = _addresses(document)
        return bool(found) and not any(address in self.words for address in found)


def without_personal_members(document: Any) -> Any:
    """The document with all members blank whose names say that they tell about people."""
    if isinstance(document, dict):
        return {name: _blank_if_personal(name, without_personal_members(member)) for name, member in document.items()}
    return [without_personal_members(part) for part in document] if isinstance(document, list) else document


def _blank_if_personal(name: str, value: Any) -> Any:
    return "" if isinstance(value, str) and name in PERSONAL_MEMBERS else value


def _addresses(document: dict[str, Any]) -> list[str]:
    members = [value for name, value in document.items() if name == "email" or name.endswith("_email")]
    return [value.casefold() for value in members if isinstance(value, str) and value]


def _alone(word: str) -> str:
    """A pattern for the word where it is not a part of a longer one: `ann@x.com` is not in `joann@x.com`."""
    if "@" in word:
        return rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)"
    if not any(map(str.isalpha, word)):
        return rf"(?<!\d){re.escape(word)}(?!\d)"
    return rf"(?<!\w){re.escape(word)}(?!\w)"
