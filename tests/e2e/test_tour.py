"""The tour in the README works as it is printed."""

import os
import re
import subprocess
from pathlib import Path

from .world import World

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_tour_in_the_readme_works_as_printed(world: World) -> None:
    tour = "set -euo pipefail\n" + "".join(BLOCK.findall(README.read_text()))
    environment = {**os.environ, "RUN_DIR": str(world.running.folder)}
    taken = subprocess.run(["bash", "-c", tour], env=environment, capture_output=True, text=True, timeout=600)
    assert taken.returncode == 0, taken.stderr
    assert "succeeded" in taken.stdout.splitlines()
    assert '"status":"paid"' in taken.stdout
    assert re.search(r"is confirmed \(TT-\d{8}-\d{4}\)", taken.stdout)
    assert '"ok": true' in taken.stdout
    assert '"ok": false' not in taken.stdout
