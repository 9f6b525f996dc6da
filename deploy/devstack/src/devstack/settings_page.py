"""The page `docs/settings.md`: every environment variable that a process reads, from the settings classes."""

import re
from collections.abc import Iterable
from importlib import import_module
from types import new_class
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from shared.settings import ProcessSettings, ServiceSettings

from devstack import SERVICES
from devstack.settings_words import HEAD, OTHERS_READ

_VARIABLE = re.compile(r"\b[A-Z][A-Z_]+[A-Z]\b")
_TABLE = "| variable | meaning | default | must be set |\n|---|---|---|---|\n"
_COMMON: tuple[type[BaseSettings], ...] = (ProcessSettings, ServiceSettings)


def settings_page() -> str:
    """The page as Markdown."""
    common = [
        _section("Every process", ProcessSettings, ()),
        _section("Every service", ServiceSettings, ProcessSettings.model_fields),
    ]
    own = [_section(name, _settings_of(name), _known_to(_settings_of(name))) for name in ("gateway", *SERVICES)]
    return "\n".join([HEAD, *common, *own, OTHERS_READ])


def _settings_of(package: str) -> type[BaseSettings]:
    found: type[BaseSettings] = import_module(f"{package}.settings").Settings
    return found


def _known_to(settings: type[BaseSettings]) -> set[str]:
    """The names that the sections about every process and every service explain."""
    return {name for common in _COMMON if issubclass(settings, common) for name in common.model_fields}


def _section(title: str, settings: type[BaseSettings], known: Iterable[str]) -> str:
    known, must = set(known), _must_be_set(settings)
    rows = [_row(name, field, must) for name, field in settings.model_fields.items() if name not in known]
    return f"## {title}\n\n" + (_TABLE + "".join(rows) if rows else "Nothing more than every service.\n")


def _row(name: str, field: FieldInfo, must: dict[str, str]) -> str:
    variable = name.upper()
    return f"| `{variable}` | {_cell(field.description)} | {_shown(field.default)} | {must.get(variable, '')} |\n"


def _cell(text: str | None) -> str:
    return (text or "").rstrip(".").replace("|", "\\|")


def _shown(default: Any) -> str:
    if default is None or default == "":
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _must_be_set(settings: type[BaseSettings]) -> dict[str, str]:
    """Variable → when its default is refused, found by trying the defaults out."""
    outside = dict.fromkeys(_refused(settings, debug=False), "outside development")
    return outside | dict.fromkeys(_refused(settings, debug=True), "always")


class _DefaultsAlone(BaseSettings):
    """Looks at no environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _refused(settings: type[BaseSettings], debug: bool) -> set[str]:
    """The variables that the sentences of a refused start name."""
    try:
        new_class("Defaults", (_DefaultsAlone, settings))(debug=debug)
    except ValidationError as error:
        return {name for problem in error.errors() for name in _VARIABLE.findall(problem["msg"])}
    return set()
