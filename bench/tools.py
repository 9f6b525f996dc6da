"""nginx and wrk: found on the machine, or installed by apt."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from shared.testing.servers.install import NotInstalled

# Where Debian puts programs that users do not have on their path.
SEARCH_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
PACKAGES = {"nginx": "nginx-light", "wrk": "wrk"}


def program(name: str) -> Path:
    """Where the program is, after installing its package if need be. Raises NotInstalled."""
    found = shutil.which(name, path=SEARCH_PATH)
    if found is None and _install(PACKAGES[name]):
        found = shutil.which(name, path=SEARCH_PATH)
    if found is None:
        raise NotInstalled(f"`{name}` is missing. On Debian and Ubuntu: `sudo apt-get install {PACKAGES[name]}`.")
    return Path(found)


def _install(package: str) -> bool:
    """Whether apt installed it; a service that comes with it is not started (RUNLEVEL=1 tells its scripts so)."""
    print(f"Installing {package} by apt, once.", file=sys.stderr, flush=True)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", package]
    return _as_root(install) or (_as_root(["apt-get", "update", "-q"]) and _as_root(install))


def _as_root(argv: list[str]) -> bool:
    settings = ["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    prefix = ["env"] if os.geteuid() == 0 else ["sudo", "-n", "env"]
    try:
        return subprocess.run([*prefix, *settings, *argv], stdout=sys.stderr).returncode == 0
    except FileNotFoundError:
        return False
