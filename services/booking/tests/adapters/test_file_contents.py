"""What a file is, is known by its content; pictures lose what they hide."""

import io
from typing import Any

import pytest
from booking.adapters import file_contents
from booking.adapters.file_contents import checked_file, safe_filename
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from shared.errors import Invalid

from ..pictures import PDF, PLACE, a_picture


@pytest.mark.parametrize(("form", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
async def test_a_picture_is_drawn_anew_without_what_it_hides(form: str, extension: str) -> None:
    sent = a_picture(form)
    assert PLACE.encode() in sent
    kept = await checked_file(sent, "photo")
    assert kept.extension == extension
    assert PLACE.encode() not in kept.content
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == (form, (20, 40), {})


async def test_the_same_picture_gives_the_same_bytes() -> None:
    sent = a_picture()
    assert (await checked_file(sent, "photo")).content == (await checked_file(sent, "photo")).content


async def test_a_transparent_signature_stays_transparent() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(target, "PNG")
    kept = await checked_file(target.getvalue(), "signature")
    assert Image.open(io.BytesIO(kept.content)).getpixel((0, 0)) == (0, 0, 0, 0)


async def test_a_pdf_stays_as_it_is() -> None:
    kept = await checked_file(PDF, "coi")
    assert (kept.content, kept.content_type) == (PDF, "application/pdf")


def a_gif() -> bytes:
    target = io.BytesIO()
    Image.new("P", (2, 2)).save(target, "GIF")
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "coi"),
        (b"<html><script>alert(1)</script>", "coi"),
        (b"MZ\x90\x00" + b"\0" * 100, "other"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo"),
        (b"%PDF-1.4 without an end", "coi"),
        (a_gif(), "photo"),
        (PDF, "photo"),
        (PDF, "signature"),
        (a_picture()[:200], "photo"),
        (a_picture("PNG")[:-40], "photo"),
        (b"\xff\xd8\xff\xe0" + b"junk" * 50, "photo"),
        (b"\x89PNG\r\n\x1a\n", "other"),
    ],
)
async def test_what_is_not_allowed_is_refused(content: bytes, kind: Any) -> None:
    with pytest.raises(Invalid) as refused:
        await checked_file(content, kind)
    assert list(refused.value.field_errors) == ["file"]


async def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_contents, "MOST_PIXELS", 799)
    with pytest.raises(Invalid):
        await checked_file(a_picture(size=(40, 20)), "photo")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("certificate.PDF", "certificate.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\work\\scan.png", "scan.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("a\r\nb\0c.pdf", "a b c.pdf"),
        ("invoice\u202efdp.exe", "invoice fdp.pdf"),
        ("Größe 1.2.pdf", "Größe 1.2.pdf"),
        ("x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_names_are_made_harmless(name: str, shown: str) -> None:
    assert safe_filename(name, "pdf") == shown


@given(st.text(max_size=200))
def test_no_name_leaves_its_folder(name: str) -> None:
    shown = safe_filename(name, "pdf")
    assert shown.endswith(".pdf")
    assert not {*'/\\\0\r\n"'} & {*shown}
    assert not shown.startswith(".")
