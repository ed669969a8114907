"""Limits of control groups, v1, v2 and hybrid, and of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envcheck.collectors import limits
from envcheck.model.facts import ABSENT, Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collectors.conftest import Collect, MakeTarget

LIMIT = ("limit",)
V2_MOUNT = "23 22 0:7 {root} /sys/fs/cgroup rw - cgroup2 none rw\n"


def write(root: Path, path: str, content: str | bytes) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def test_v1_takes_the_tightest_of_the_hierarchy(collect: Collect, host_target: MakeTarget):
    seen = collect(limits, host_target("host-debian12-hybrid"))
    assert {name: known[0] for name, known in seen.facts.of(LIMIT).items()} == {
        "version": "v1",
        "memory": 32 << 30,
        "memory_used": 4 << 30,
        "oom_kills": 3,
        "cpus": 2.5,
        "cpuset": "0-3",
        "pids": 33792,
        "open_files": 1024,
        "locked_memory": 8388608,
    }
    known = seen.facts.get(LIMIT, "memory")
    assert known is not None
    assert known[1] == "/sys/fs/cgroup/memory/user.slice/memory.limit_in_bytes"
    assert seen.look(LIMIT, "memory_high") is ABSENT


def test_v2_pod(collect: Collect, host_target: MakeTarget):
    seen = collect(limits, host_target("host-kubernetes-v2"))
    assert {name: known[0] for name, known in seen.facts.of(LIMIT).items()} == {
        "version": "v2",
        "memory": 16 << 30,
        "memory_used": 2 << 30,
        "oom_kills": 2,
        "cpus": 3.5,
        "cpuset": "0-15,32-47",
        "pids": 1024,
        "open_files": 1048576,
    }
    assert seen.look(LIMIT, "locked_memory") is ABSENT


def test_v2_without_limits_is_absent_not_unknown(collect: Collect, host_target: MakeTarget):
    seen = collect(limits, host_target("host-alpine-arm64"))
    assert [name for name in ("memory", "memory_high", "cpus", "pids") if seen.look(LIMIT, name) is not ABSENT] == []


def test_v2_parent_may_be_tighter(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    write(tmp_path, "proc/self/cgroup", "0::/a.slice/b.scope\n")
    write(tmp_path, "proc/self/mountinfo", V2_MOUNT.format(root="/"))
    write(tmp_path, "sys/fs/cgroup/a.slice/b.scope/memory.max", "8589934592\n")
    write(tmp_path, "sys/fs/cgroup/a.slice/memory.max", "4294967296\n")
    write(tmp_path, "sys/fs/cgroup/a.slice/memory.high", "3221225472\n")
    write(tmp_path, "sys/fs/cgroup/a.slice/b.scope/cpu.max", "max 100000\n")
    write(tmp_path, "sys/fs/cgroup/a.slice/cpu.max", "50000 100000\n")
    seen = collect(limits, make_target(tmp_path))
    assert seen.facts.value(LIMIT, "memory") == 4 << 30
    assert seen.facts.value(LIMIT, "memory_high") == 3 << 30
    assert seen.facts.value(LIMIT, "cpus") == 0.5


@pytest.mark.parametrize(
    ("group", "root"),
    [
        ("/docker/3f2a", "/docker/3f2a"),  # the container's group is the mount
        ("/docker/3f2a", "/"),  # the host's path, but nothing of it below the mount
        ("/../../system.slice", "/"),  # outside of the control group namespace
        ("/docker/3f2a", "/docker/other"),
    ],
)
def test_container_that_sees_the_paths_of_its_host(
    tmp_path: Path, collect: Collect, make_target: MakeTarget, group: str, root: str
):
    write(tmp_path, "proc/self/cgroup", f"4:memory:{group}\n")
    write(tmp_path, "proc/self/mountinfo", f"42 33 0:38 {root} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n")
    assert collect(limits, make_target(tmp_path)).facts.value(LIMIT, "memory") == 1 << 30


@pytest.mark.parametrize("none", ["9223372036854771712", "9223372036854710272", "9223372036854775807", "max"])
def test_no_limit_in_any_spelling(tmp_path: Path, collect: Collect, make_target: MakeTarget, none: str):
    write(tmp_path, "proc/self/cgroup", "4:memory:/\n")
    write(tmp_path, "proc/self/mountinfo", "42 33 0:38 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{none}\n")
    assert collect(limits, make_target(tmp_path)).look(LIMIT, "memory") is ABSENT


def test_missing_proc_and_missing_mounts_are_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    assert isinstance(collect(limits, make_target(tmp_path)).look(LIMIT, "memory"), Unknown)
    write(tmp_path, "proc/self/cgroup", "0::/a\n")
    assert isinstance(collect(limits, make_target(tmp_path)).look(LIMIT, "memory"), Unknown)
    write(tmp_path, "proc/self/mountinfo", "27 1 254:0 / / rw - ext4 /dev/vda rw\n")
    seen = collect(limits, make_target(tmp_path))
    assert seen.look(LIMIT, "memory") == Unknown(reason="the control groups of this environment are not mounted")
    assert isinstance(seen.look(LIMIT, "open_files"), Unknown)


def test_one_hierarchy_of_v1_that_is_not_mounted(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    write(tmp_path, "proc/self/cgroup", "6:cpu:/\n4:memory:/\n")
    write(tmp_path, "proc/self/mountinfo", "42 33 0:38 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n")
    seen = collect(limits, make_target(tmp_path))
    assert isinstance(seen.look(LIMIT, "cpus"), Unknown)
    assert seen.look(LIMIT, "memory") is ABSENT


@pytest.mark.parametrize(
    "content", [b"\xff\x00\xfe", b"", b"-5", b"12 0", b"1 2 3", "²".encode(), b"9" * 5000], ids=lambda _: "x"
)
def test_damaged_limits_are_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget, content: bytes):
    write(tmp_path, "proc/self/cgroup", "0::/a\n")
    write(tmp_path, "proc/self/mountinfo", V2_MOUNT.format(root="/"))
    for name in ("memory.max", "memory.current", "memory.events", "cpu.max", "pids.max", "cpuset.cpus.effective"):
        write(tmp_path, f"sys/fs/cgroup/a/{name}", content)
    write(tmp_path, "proc/self/limits", content)
    seen = collect(limits, make_target(tmp_path))
    names = ("memory", "oom_kills", "cpus", "open_files", "locked_memory", "cpuset")
    decided = [name for name in names if not isinstance(seen.look(LIMIT, name), Unknown)]
    assert decided == []


@pytest.mark.parametrize("content", [b"\xff" * 9000, b"\n\n", b"::", b"0::" + b"/a" * 3000])
def test_damaged_groups_are_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget, content: bytes):
    write(tmp_path, "proc/self/cgroup", content)
    write(tmp_path, "proc/self/mountinfo", V2_MOUNT.format(root="/"))
    seen = collect(limits, make_target(tmp_path))
    assert seen.look(LIMIT, "memory") == Unknown(reason="/proc/self/cgroup is damaged")


def test_looping_limit_file_is_a_gap(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    write(tmp_path, "proc/self/cgroup", "0::/\n")
    write(tmp_path, "proc/self/mountinfo", V2_MOUNT.format(root="/"))
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/memory.max").symlink_to("memory.max")
    assert isinstance(collect(limits, make_target(tmp_path)).look(LIMIT, "memory"), Unknown)
