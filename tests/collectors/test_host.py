"""The host collector over recorded hosts, and over damaged ones."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from envcheck.collectors import _runtimes, disks, graphics, host, libraries, limits
from envcheck.model.facts import ABSENT, Unknown
from envcheck.targets.files import LocalFiles, RootedFiles

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from envcheck.model.facts import Snapshot
    from tests.collectors.conftest import Collect, MakeTarget

HOST = ("host",)


def value(snapshot: Snapshot, attribute: str) -> object:
    return snapshot.facts.value(HOST, attribute)


def write(root: Path, path: str, content: str | bytes) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def test_debian_host_is_described_whole(collect: Collect, host_target: MakeTarget):
    seen = collect(
        host, host_target("host-debian12-hybrid", environ={"LD_LIBRARY_PATH": "/a::/b", "LD_PRELOAD": "x y"})
    )
    expected = {
        "os": "debian",
        "os_version": "12",
        "os_name": "Debian GNU/Linux 12 (bookworm)",
        "kernel": "6.1.0-18-amd64",
        "arch": "x86_64",
        "cpu": "Intel(R) Xeon(R) Platinum 8480+",
        "cpus": 4,
        "numa_nodes": 2,
        "memory": 65842340 * 1024,
        "memory_available": 60123456 * 1024,
        "hugepages": 512,
        "transparent_hugepages": "always",
        "overcommit": 0,
        "max_map_count": 65530,
        "libc": "glibc",
        "glibc": "2.36",
        "libstdcxx": "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30",
        "glibcxx": "3.4.30",
        "cxxabi": "1.3.13",
        "shm": 32921168 * 1024,
        "wsl": False,
        "library_path": ("/a", ".", "/b"),
        "preload": ("x", "y"),
    }
    assert {attribute: value(seen, attribute) for attribute in expected} == expected
    flags = value(seen, "cpu_flags")
    assert isinstance(flags, tuple)
    assert {"avx2", "amx_bf16"} <= set(flags)
    assert seen.look(HOST, "container") is ABSENT
    assert seen.look(HOST, "musl") is ABSENT
    assert isinstance(seen.look(HOST, "user"), Unknown)


def test_pod_is_recognised_with_its_small_shared_memory(collect: Collect, host_target: MakeTarget):
    seen = collect(host, host_target("host-kubernetes-v2"))
    assert value(seen, "container") == "kubernetes"
    assert value(seen, "shm") == 64 << 20
    assert value(seen, "cpus") == 32
    assert seen.look(HOST, "libstdcxx") is ABSENT
    assert isinstance(seen.look(HOST, "library_path"), Unknown)


def test_alpine_on_arm_has_musl_and_no_model_name(collect: Collect, host_target: MakeTarget):
    seen = collect(host, host_target("host-alpine-arm64"))
    assert value(seen, "libc") == "musl"
    assert value(seen, "musl") == "1.2.4"
    assert value(seen, "arch") == "aarch64"
    assert value(seen, "glibcxx") == "3.4.32"
    assert value(seen, "cpu") == "ARM implementer 0x41 part 0xd0b"
    assert value(seen, "cpu_flags") == ("fp", "asimd", "evtstrm", "aes", "pmull", "sha1", "sha2", "crc32", "atomics")
    assert seen.look(HOST, "glibc") is ABSENT
    assert seen.look(HOST, "transparent_hugepages") is ABSENT
    assert isinstance(seen.look(HOST, "shm"), Unknown)


def test_image_without_proc_says_so_instead_of_absent(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    write(tmp_path, "etc/os-release", "ID=debian\nVERSION_ID=12\n")
    (tmp_path / "proc").mkdir()
    (tmp_path / "sys").mkdir()
    seen = collect(host, make_target(tmp_path))
    assert value(seen, "os") == "debian"
    unknown = (
        "kernel",
        "cpu",
        "cpus",
        "memory",
        "shm",
        "numa_nodes",
        "container",
        "glibc",
        "libstdcxx",
        "hugepages",
        "wsl",
    )
    assert [name for name in unknown if not isinstance(seen.look(HOST, name), Unknown)] == []


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"APPTAINER_CONTAINER": "/x.sif"}, "apptainer"),
        ({"container": "lxc"}, "lxc"),
    ],
)
def test_container_by_variable(
    tmp_path: Path, collect: Collect, make_target: MakeTarget, environ: dict[str, str], kind: str
):
    assert value(collect(host, make_target(tmp_path, environ=environ)), "container") == kind


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        (".dockerenv", "", "docker"),
        ("run/.containerenv", 'engine="podman"\n', "podman"),
        ("proc/1/cgroup", "4:memory:/docker/3f2a\n", "docker"),
        ("proc/1/cgroup", "0::/kubepods.slice/kubepods-burstable.slice/x\n", "kubernetes"),
    ],
)
def test_container_by_file(
    tmp_path: Path, collect: Collect, make_target: MakeTarget, path: str, content: str, kind: str
):
    write(tmp_path, path, content)
    assert value(collect(host, make_target(tmp_path)), "container") == kind


def test_windows_subsystem_is_told_by_the_kernel_release(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    write(tmp_path, "proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n")
    assert value(collect(host, make_target(tmp_path)), "wsl") is True


def test_hostile_files_become_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    garbage = bytes(range(256)) * 64
    for path in (
        *("etc/os-release", "proc/sys/kernel/osrelease", "proc/sys/vm/overcommit_memory", "proc/sys/vm/max_map_count"),
        *("proc/cpuinfo", "proc/meminfo", "proc/self/mountinfo", "sys/kernel/mm/transparent_hugepage/enabled"),
        *("sys/devices/system/cpu/online", "sys/devices/system/node/online", "lib/libc.so.6", "lib/libstdc++.so.6"),
    ):
        write(tmp_path, path, garbage)
    seen = collect(host, make_target(tmp_path, environ={"LD_LIBRARY_PATH": "/a\udcff", "LD_PRELOAD": "::"}))
    unknown = ("os", "overcommit", "max_map_count", "cpu", "cpu_flags", "memory", "shm", "cpus", "libc", "glibc")
    assert [name for name in unknown if not isinstance(seen.look(HOST, name), Unknown)] == []
    assert isinstance(seen.look(HOST, "glibcxx"), Unknown)
    assert isinstance(seen.look(HOST, "arch"), Unknown)
    assert value(seen, "library_path") == ("/a?",)
    assert seen.look(HOST, "preload") is ABSENT


def test_loops_folders_and_pipes_become_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").symlink_to("os-release")
    (tmp_path / "proc/meminfo").mkdir(parents=True)
    os.mkfifo(tmp_path / "proc/cpuinfo")
    (tmp_path / "lib").symlink_to("/lib")
    seen = collect(host, make_target(tmp_path))
    unknown = ("os", "memory", "cpu", "libc")
    assert [name for name in unknown if not isinstance(seen.look(HOST, name), Unknown)] == []


class Forbidden(RootedFiles):
    """A view in which nothing may be opened, listed or looked at."""

    def locate(self, path: str) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", path)


@pytest.mark.parametrize("collector", [host, limits, disks, libraries, graphics])
def test_unreadable_is_never_absent(tmp_path: Path, collect: Collect, make_target: MakeTarget, collector: ModuleType):
    seen = collect(collector, make_target(tmp_path, files=Forbidden(str(tmp_path)), environ={"HOME": "/root"}))
    keys = (
        *(("host", name) for name in ("os", "kernel", "libc", "memory", "container")),
        *(("host", name) for name in ("iommu_groups", "dma_32bit") if collector is graphics),
        *(("limit", name) for name in ("memory", "cpus", "open_files")),
    )
    assert [key for key in keys if not isinstance(seen.look((key[0],), key[1]), Unknown)] == []
    assert isinstance(seen.look(("disk", "home"), "type"), Unknown)
    assert isinstance(seen.look(("library", "libz.so.1"), "version"), Unknown)
    assert isinstance(seen.look(("dri", "card0"), "driver"), Unknown)


def test_numbers_beyond_any_machine_are_damage(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    huge = "9223372036854775807"
    write(tmp_path, "proc/meminfo", f"MemTotal: {huge} kB\n")
    write(tmp_path, "proc/sys/vm/max_map_count", f"9{huge}\n")
    write(tmp_path, "sys/devices/system/cpu/online", f"0-{huge}\n")
    write(tmp_path, "proc/self/mountinfo", f"30 25 0:26 / /dev/shm rw - tmpfs tmpfs rw,size={huge}k\n")
    seen = collect(host, make_target(tmp_path))
    unknown = ("memory", "max_map_count", "cpus", "shm")
    assert [name for name in unknown if not isinstance(seen.look(HOST, name), Unknown)] == []


def test_size_options_of_shared_memory(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    line = "30 25 0:26 / /dev/shm rw - tmpfs tmpfs rw,size={}\n"
    for size, expected in (("2g", 2 << 30), ("512M", 512 << 20), ("4096", 4096), ("50%", None)):
        write(tmp_path, "proc/self/mountinfo", line.format(size))
        assert value(collect(host, make_target(tmp_path)), "shm") == expected


def test_later_mount_of_shared_memory_wins(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    line = "30 25 0:26 / /dev/shm rw - tmpfs tmpfs rw,size={}\n"
    write(tmp_path, "proc/self/mountinfo", line.format("1g") + line.format("64m"))
    assert value(collect(host, make_target(tmp_path)), "shm") == 64 << 20


def test_symbol_versions_compare_as_numbers():
    data = b"\0".join(
        [b"", b"GLIBCXX_3.4.9", b"GLIBCXX_3.4.30", b"GLIBCXX_3.4", b"GLIBCXX_3.4.4x", b"xGLIBCXX_3.4.99", b""]
    )
    assert _runtimes.newest_version(data, b"GLIBCXX_3.4") == "3.4.30"
    assert _runtimes.newest_version(b"\0GLIBCXX_3.4.31", b"GLIBCXX_3.4") == ""
    assert _runtimes.newest_version(b"", b"GLIBCXX_3.4") == ""


def test_version_strings_beyond_the_first_part_of_the_library(
    tmp_path: Path, collect: Collect, make_target: MakeTarget
):
    strings = b"\0GLIBCXX_3.4\0CXXABI_1.3\0GLIBCXX_3.4.33\0CXXABI_1.3.15\0"
    write(tmp_path, "lib/libc.so.6", b"\x7fELF")
    # The first part of the file ends within the strings.
    write(tmp_path, "lib/libstdc++.so.6", b"\x7fELF" + bytes((1 << 20) - 34) + strings + bytes(1 << 17))
    seen = collect(host, make_target(tmp_path))
    assert value(seen, "glibcxx") == "3.4.33"
    assert value(seen, "cxxabi") == "1.3.15"


def test_other_systems_say_what_they_can(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    seen = collect(host, make_target(tmp_path, platform="darwin", live=True, files=LocalFiles()))
    assert value(seen, "os") == "macos"
    assert isinstance(value(seen, "arch"), str)
    assert isinstance(seen.look(HOST, "memory"), Unknown)


def test_running_host_knows_itself(collect: Collect, make_target: MakeTarget):
    seen = collect(host, make_target("/", files=LocalFiles(), live=True, environ={}))
    assert value(seen, "arch") == os.uname().machine
    assert value(seen, "user") == os.geteuid()
