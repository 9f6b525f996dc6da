"""What an uploaded file is, by its content and not by its name. Pictures are drawn anew: nothing hides in them."""

import asyncio
import io
import re
import warnings
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps, UnidentifiedImageError
from shared.errors import Invalid

from booking.adapters.logistics_tables import LARGEST_FILE

DocumentKind = Literal["coi", "invoice", "photo", "signature", "other"]
PICTURES: frozenset[DocumentKind] = frozenset({"photo", "signature"})

CONTENT_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_FORMATS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
MOST_PIXELS = 40_000_000
_PDF_TAIL = 2048
_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069<>:\"/\\|?*]+")
LONGEST_NAME = 80

NOT_ALLOWED = "Must be a PDF, PNG, JPEG or WebP file."
NO_PICTURE = "Must be a picture: PNG, JPEG or WebP."
DAMAGED = "The picture can not be read."

_drawing = asyncio.Semaphore(1)
"""A large picture takes some 150 MB while it is drawn."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file as it will be kept."""

    content: bytes
    extension: str

    @property
    def content_type(self) -> str:
        """Its media type."""
        return CONTENT_TYPES[self.extension]


async def checked_file(content: bytes, kind: DocumentKind, field: str = "file") -> CheckedFile:
    """The file as it is to be kept; raises `Invalid` for what it may not be."""
    if not content:
        raise Invalid({field: ["The file is empty."]})
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_PDF_TAIL:]:
        if kind in PICTURES:
            raise Invalid({field: [NO_PICTURE]})
        return CheckedFile(content, "pdf")
    async with _drawing:
        try:
            return await asyncio.to_thread(_drawn_anew, content)
        except UnidentifiedImageError:
            raise Invalid({field: [NO_PICTURE if kind in PICTURES else NOT_ALLOWED]}) from None
        # A damaged picture makes the library raise nearly anything.
        except Exception:
            raise Invalid({field: [DAMAGED]}) from None


def _drawn_anew(content: bytes) -> CheckedFile:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=tuple(_FORMATS)) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise ValueError("too many pixels")
            extension = _FORMATS[str(opened.format)]
            return CheckedFile(_encoded(ImageOps.exif_transpose(opened), extension), extension)


def _encoded(picture: Image.Image, extension: str) -> bytes:
    target = io.BytesIO()
    if extension == "png":
        _bare(picture, picture.mode).save(target, "PNG")
    else:
        mode = "RGBA" if extension == "webp" and "A" in picture.getbands() else "RGB"
        _bare(picture, mode).save(target, "JPEG" if extension == "jpg" else "WEBP", quality=88)
    if target.tell() > LARGEST_FILE:
        raise ValueError("too large once it is drawn anew")
    return target.getvalue()


def _bare(picture: Image.Image, mode: str) -> Image.Image:
    """The pixels alone: whatever else a picture carries, such as the place where it was taken, stays behind."""
    bare = picture.convert(mode)
    bare.info = {name: value for name, value in bare.info.items() if name == "transparency"}
    bare.getexif().clear()
    return bare


def safe_filename(name: str, extension: str) -> str:
    """A name to show and to download by: no folders, no signs that mislead, the extension of the real type."""
    stem = _UNWANTED.sub(" ", name.replace("\\", "/").rsplit("/", 1)[-1]).rpartition(".")
    plain = " ".join((stem[0] or stem[2]).split()).strip(" .")[:LONGEST_NAME].strip(" .")
    return f"{plain or 'file'}.{extension}"
