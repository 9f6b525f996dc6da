"""The run folder: what is kept, and its lock."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from devstack.folder import AlreadyRunning, RunFolder
from shared.testing.waiting import wait_until

HOLDS_THE_LOCK = """
import sys, time
from pathlib import Path
from devstack.folder import RunFolder
RunFolder(Path(sys.argv[1])).lock()
print("locked", flush=True)
time.sleep(600)
"""


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    secret = RunFolder(tmp_path).secret("booking secret key")
    assert len(secret) >= 32
    assert RunFolder(tmp_path).secret("booking secret key") == secret
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_port_stays_the_same_while_it_is_free(tmp_path: Path) -> None:
    assert RunFolder(tmp_path).port("gateway") == RunFolder(tmp_path).port("gateway")


def test_two_processes_have_two_ports(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert len({folder.port(str(number)) for number in range(13)}) == 13


def test_a_folder_has_one_supervisor_and_knows_its_pid(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.supervisor_pid() is None
    holder = subprocess.Popen([sys.executable, "-c", HOLDS_THE_LOCK, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert folder.supervisor_pid() == holder.pid
        with pytest.raises(AlreadyRunning, match="make down"):
            folder.lock()
    finally:
        holder.kill()
        holder.wait()
    wait_until(lambda: folder.supervisor_pid() is None, what="the lock to be free")
    folder.lock()
    assert json.loads((tmp_path / "lock").read_text()) == os.getpid()
