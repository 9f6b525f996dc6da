"""Files as phones and offices send them."""

import io

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
PLACE = "40.7484 N 73.9857 W"


def a_picture(form: str = "JPEG", size: tuple[int, int] = (40, 20), note: str = PLACE) -> bytes:
    """A picture that says in its hidden parts where it was taken and that it is to be turned by 90 degrees."""
    picture = Image.new("RGB", size, "navy")
    exif = picture.getexif()
    exif[0x010E], exif[0x0112] = note, 6
    target = io.BytesIO()
    picture.save(target, form, exif=exif, **({"comment": note.encode()} if form == "JPEG" else {}))
    return target.getvalue()
