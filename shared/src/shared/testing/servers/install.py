"""Finding programs of the system's packages, and installing a package where that is missing."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from glob import glob
from pathlib import Path

ADVICE = (
    "RabbitMQ is not installed and could not be installed by apt. Install it (Debian, Ubuntu: "
    "`sudo apt-get install --no-install-recommends rabbitmq-server`), or set RABBITMQ_URL to a broker of yours."
)
# The scripts on the PATH of Debian's package switch to the system's user and folders; these are the ones they call.
PLACES = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server")
ELSEWHERE = ("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server")
EATMYDATA = "/usr/lib/*/libeatmydata.so*"
# While this file exists and says so, Debian's packages do not start their services on installation.
POLICY = Path("/usr/sbin/policy-rc.d")
DO_NOT_START = "#!/bin/sh\nexit 101\n"


class NotInstalled(RuntimeError):
    """A program is missing and could not be installed; the text says what to do."""


def rabbitmq_program() -> Path:
    """The start script, after installing the package if need be. Raises NotInstalled."""
    with _alone():  # what another process is just installing is found before all of it is there
        found = find_rabbitmq()
    if found is None:
        install_rabbitmq()
        found = find_rabbitmq()
    if found is None:
        raise NotInstalled(ADVICE)
    return found


def find_rabbitmq() -> Path | None:
    """The start script of an installed RabbitMQ."""
    candidates = [*PLACES, *(path for pattern in ELSEWHERE for path in sorted(glob(pattern), reverse=True))]
    return next((Path(path) for path in candidates if os.access(path, os.X_OK)), None)


def install_rabbitmq(policy: Path = POLICY) -> None:
    """Install Debian's package without starting its service; output goes to ours. Raises NotInstalled."""
    print("Installing rabbitmq-server by apt, once; this takes a minute.", file=sys.stderr, flush=True)  # noqa: T201
    guard = not policy.exists()
    try:
        if guard:
            _as_root(["tee", str(policy)], DO_NOT_START)
            _as_root(["chmod", "755", str(policy)])
        if not _install("rabbitmq-server"):
            raise NotInstalled(ADVICE)
    finally:
        if guard:
            _as_root(["rm", "-f", str(policy)])


@cache
def eatmydata() -> Path | None:
    """The library that makes a program not wait for the disk, installed if need be; None where there is none."""
    found = _find_eatmydata()
    if found is None and _install("libeatmydata1"):
        found = _find_eatmydata()
    return found


def _find_eatmydata() -> Path | None:
    return next((Path(path) for path in sorted(glob(EATMYDATA))), None)


def _install(package: str) -> bool:
    """By apt, whose lists of packages may have to be fetched first; whether it worked."""
    if shutil.which("apt-get") is None:
        return False
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", package]
    with _alone():
        return _as_root(install) or (_as_root(["apt-get", "update", "-q"]) and _as_root(install))


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time."""
    with (Path(tempfile.gettempdir()) / f"totetaxi-install-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _as_root(argv: list[str], text: str | None = None) -> bool:
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run([*prefix, *argv], env=env, input=text or "", text=True, stdout=sys.stderr)
    except FileNotFoundError:
        return False
    return done.returncode == 0
