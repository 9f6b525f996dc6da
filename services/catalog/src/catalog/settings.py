"""The catalogue's settings."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What every service reads; the catalogue needs nothing more."""
