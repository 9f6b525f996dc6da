"""What e-mails look like on a phone and on a desktop, in a real browser; the pictures are kept to be looked at."""

import json
import os
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest
from notifications.domain.kinds import Kind
from notifications.sending.rendering import Renderer
from notifications.sending.samples import sample_values
from shared.clock import BUSINESS_TIMEZONE
from shared.sealing import Sealer
from shared.settings import DEVELOPMENT_SEALING_KEY

RENDERER = Renderer("https://totetaxi.example", Sealer(DEVELOPMENT_SEALING_KEY), BUSINESS_TIMEZONE)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARTEFACTS = Path(os.environ.get("ARTEFACTS_DIR", Path(__file__).parents[4] / ".run" / "artefacts"))
FRAMES_HEIGHT = 1150

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed: apt-get install chromium"),
    pytest.mark.timeout(900),
]

# Frames are as high as their e-mail, and their widths are told: whatever is wider than the screen would be cut off.
MEASURE = """
<script>
addEventListener("load", () => {
  const widths = {};
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument.documentElement;
    widths[frame.title] = page.scrollWidth;
    frame.style.height = page.scrollHeight + "px";
  }
  document.getElementById("widths").textContent = JSON.stringify(widths);
});
</script>
"""


def contact_sheet(width: int) -> str:
    """All kinds beside one another, each in a window of this width."""
    shown = []
    for kind in Kind:
        html = RENDERER.render(kind, sample_values(RENDERER, kind)).html
        frame = f'<iframe title="{kind}" style="width:{width}px;border:0" srcdoc="{escape(html)}"></iframe>'
        shown.append(f"<figure style='display:inline-block;vertical-align:top'>{kind}<br>{frame}</figure>")
    return f"<!doctype html><meta charset=utf-8><div>{''.join(shown)}</div><pre id=widths></pre>{MEASURE}"


def browse(page: Path, profile: Path, *options: str) -> str:
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
        f"--user-data-dir={profile}", "--virtual-time-budget=5000", *options, page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("device", "width"), [("phone", 390), ("desktop", 760)])
def test_no_e_mail_is_wider_than_the_screen(tmp_path: Path, device: str, width: int) -> None:
    page = tmp_path / "sheet.html"
    page.write_text(contact_sheet(width))
    shown = browse(page, tmp_path / "profile", "--dump-dom")
    found = re.search(r'<pre id="widths">(.*?)</pre>', shown)
    assert found is not None
    widths = json.loads(found[1])
    assert set(widths) == {kind.value for kind in Kind}
    assert {kind: seen for kind, seen in widths.items() if seen > width} == {}
    picture = tmp_path / f"e-mails-{device}.png"
    columns = 6 if device == "phone" else 4
    size = f"--window-size={columns * (width + 90)},{FRAMES_HEIGHT * (len(Kind) // columns + 1)}"
    browse(page, tmp_path / "profile", f"--screenshot={picture}", size)
    assert picture.read_bytes().startswith(b"\x89PNG")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    shutil.copy(picture, ARTEFACTS)
