"""Memory of the running system by process group."""

from bench.cpu import proportional_memory
from bench.stack import Stack, group_of

MIB = 1024 * 1024


def memory_mib(stack: Stack) -> dict[str, float]:
    """PSS in MiB by group; empty where the system does not let us look into other users' processes."""
    groups: dict[str, list[int]] = {}
    for title, pid in stack.pids().items():
        groups.setdefault(group_of(title), []).append(pid)
    try:
        return {group: proportional_memory(pids) / MIB for group, pids in groups.items()}
    except PermissionError:
        return {}
