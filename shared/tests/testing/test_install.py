"""Installing RabbitMQ and what else is missing, against an apt-get and a sudo of our own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from shared.testing.servers.install import NotInstalled, find_rabbitmq, install_rabbitmq, rabbitmq_program

# Writes down its arguments and whether services would be started; fails as often as there are `fail` files.
APT = """#!/bin/sh
here=$(dirname "$0")
mkdir "$here/busy" || exit 100
[ -x "$here/policy" ] && echo "$1 without starting services" >> "$here/calls" || echo "$1" >> "$here/calls"
sleep 0.1
rmdir "$here/busy"
for fail in "$here"/fail-$1-*; do [ -e "$fail" ] && rm "$fail" && exit 100; done
exit 0
"""
SUDO = '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n'


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in {"apt-get": APT, "sudo": SUDO}.items():
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def calls(machine: Path) -> list[str]:
    return (machine / "calls").read_text().splitlines()


def test_the_package_is_installed_without_starting_its_service(machine: Path) -> None:
    install_rabbitmq(machine / "policy")
    assert calls(machine) == ["install without starting services"]
    assert not (machine / "policy").exists()


def test_package_lists_are_fetched_when_the_package_is_not_known(machine: Path) -> None:
    (machine / "fail-install-1").touch()
    install_rabbitmq(machine / "policy")
    assert [call.split()[0] for call in calls(machine)] == ["install", "update", "install"]


def test_a_failure_says_what_to_do_and_leaves_nothing_behind(machine: Path) -> None:
    (machine / "fail-install-1").touch()
    (machine / "fail-update-1").touch()
    with pytest.raises(NotInstalled, match="RABBITMQ_URL"):
        install_rabbitmq(machine / "policy")
    assert not (machine / "policy").exists()


def test_several_test_runs_at_once_wait_for_each_other(machine: Path) -> None:
    with ThreadPoolExecutor(3) as runs:
        for done in [runs.submit(install_rabbitmq, machine / f"policy-{number}") for number in range(3)]:
            done.result()
    assert [call.split()[0] for call in calls(machine)] == ["install"] * 3


def test_a_policy_of_the_machines_own_stays(machine: Path) -> None:
    (machine / "policy").write_text("theirs")
    install_rabbitmq(machine / "policy")
    assert (machine / "policy").read_text() == "theirs"


def test_without_apt_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalled, match="apt-get install"):
        install_rabbitmq(tmp_path / "policy")


def test_the_start_script_that_is_found_can_be_run() -> None:
    assert rabbitmq_program().name == "rabbitmq-server"
    assert find_rabbitmq() == rabbitmq_program()
