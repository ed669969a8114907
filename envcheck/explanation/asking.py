"""Which single command or file would tell two causes apart: by the facts that are missing to settle them."""

from __future__ import annotations

from envcheck.keys import parse_entity
from envcheck.model.reports import CONFIRMED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.model.explanation import Suspect

# What tells facts of a kind, or one of them.
_COMMANDS = {
    "package": "python -m pip show {0}",
    "python": "python --version",
    "python#machine": "python -c 'import platform; print(platform.machine())'",
    "gpu": "nvidia-smi --query-gpu=name,compute_cap,memory.total,driver_version --format=csv",
    "gpu#gfx": "rocminfo | grep gfx",
    "cuda": "nvidia-smi",
    "cuda#toolkit": "nvcc --version",
    "cudnn": "python -c 'import torch; print(torch.backends.cudnn.version())'",
    "rocm": "cat /opt/rocm/.info/version",
    "library": "ldconfig -p | grep {0}",
    "host#glibc": "ldd --version",
    "host#musl": "ldd --version",
    "host#libc": "ldd --version",
    "host#shm": "df -h /dev/shm",
    "host#cpu_flags": "grep -m1 flags /proc/cpuinfo",
    "host#memory": "free -h",
    "host#library_path": "echo $LD_LIBRARY_PATH",
    "host#glibcxx": "strings $(gcc -print-file-name=libstdc++.so.6) | grep GLIBCXX",
    "host": "uname -a",
    "device": "ls -l {0}",
    "disk": "df -h",
    "env": "echo ${0}",
    "limit": "cat /sys/fs/cgroup/memory.max",
    "shadow": "ls",
    "link": "envcheck check .",
    "binary": "envcheck check .",
    "file": "envcheck check .",
    "module": "python -m pip list",
}
_WHOLE = "envcheck explain {0} --target ."  # where it failed


def question(causes: Sequence[Suspect], log: str, *, has_environment: bool) -> str:
    """Return the command that decides between the first two causes, or settles the first; empty where none is open."""
    open_ = [cause for cause in causes[:2] if not cause.against]
    if not open_ or (open_[0].finding.confidence == CONFIRMED and not open_[0].against):
        return ""
    for cause in open_:
        for key, _ in cause.missing:
            command = _command(key)
            if command:
                return command
    return "" if has_environment else _WHOLE.replace("{0}", _plain_word(log) or "LOG")


def _command(key: str) -> str:
    """Return the command that tells a fact, empty where it is no fact or none tells it."""
    name, _, attribute = key.partition("#")
    kind, *parts = parse_entity(name)
    command = _COMMANDS.get(f"{kind}#{attribute}") or _COMMANDS.get(kind) or ""
    if "{0}" in command:
        word = _plain_word(parts[0] if parts else "")
        return command.replace("{0}", word) if word else ""
    return command


def _plain_word(text: str) -> str:
    """Return a text that may stand in a command to paste as it is, else nothing."""
    return text if all(sign.isalnum() or sign in "._-/+" for sign in text) and not text.startswith("-") else ""
