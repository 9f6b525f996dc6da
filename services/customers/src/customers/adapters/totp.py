"""Codes of an app on the phone, which change every 30 seconds."""

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

ISSUER = "Tote Taxi"
STEPS_APART = 1
"""How many steps the phone's clock may be ahead or behind."""


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, email: str) -> str:
    """What a page shows as a QR code, for the app to read."""
    return pyotp.TOTP(secret, name=email, issuer=ISSUER).provisioning_uri()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30 seconds, counted since 1970, whose code this is; nothing if it is wrong or too far away."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=STEPS_APART)
    except OTPVerificationError:
        return None
