"""Places and the file systems under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envcheck.collectors import disks
from envcheck.model.facts import Unknown
from envcheck.targets.files import LocalFiles
from envcheck.targets.target import PythonLayout

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collectors.conftest import Collect, MakeTarget

HOME = ("disk", "home")


def layout(site: str) -> PythonLayout:
    return PythonLayout(
        kind="venv",
        prefix="/opt/env",
        base_prefix="/usr",
        executable="/opt/env/bin/python",
        version="3.11",
        implementation="cpython",
        abi="cp311",
        soabi="",
        platform="linux",
        site_directories=(site,),
    )


def test_places_lie_on_the_longest_mount(collect: Collect, host_target: MakeTarget):
    environ = {"HOME": "/home/user", "HF_HOME": "/opt/read only/hf", "TMPDIR": "/tmp"}  # noqa: S108
    target = host_target("host-debian12-hybrid", environ=environ, layout=layout("/opt/env/lib"))
    seen = collect(disks, target)
    assert seen.facts.value(HOME, "type") == "xfs"
    assert seen.facts.value(("disk", "cache"), "path") == "/home/user/.cache"
    assert seen.facts.value(("disk", "tmp"), "type") == "ext4"
    assert seen.facts.value(("disk", "site-packages"), "type") == "ext4"
    assert seen.facts.value(HOME, "read_only") is False


def test_mount_point_with_a_space_and_its_read_only_flag(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "opt/read only/hf").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text(
        "28 1 259:2 / / rw - ext4 /dev/a ro\n61 28 0:50 / /opt/read\\040only ro - squashfs /dev/loop0 rw\n"
    )
    seen = collect(disks, make_target(tmp_path, environ={"HF_HOME": "/opt/read only/hf"}))
    assert seen.facts.value(("disk", "huggingface"), "type") == "squashfs"
    assert seen.facts.value(("disk", "huggingface"), "read_only") is True
    assert seen.facts.value(("disk", "tmp"), "read_only") is True  # the file system itself


def test_unpacked_root_never_measures_this_machine(collect: Collect, host_target: MakeTarget):
    seen = collect(disks, host_target("host-debian12-hybrid", environ={"HOME": "/home/user"}))
    for attribute in ("free", "total", "inodes_free"):
        assert isinstance(seen.look(HOME, attribute), Unknown)


def test_unknown_variables_and_missing_home_are_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    seen = collect(disks, make_target(tmp_path))
    assert isinstance(seen.look(HOME, "path"), Unknown)
    assert isinstance(seen.look(HOME, "type"), Unknown)
    seen = collect(disks, make_target(tmp_path, environ={"XDG_CACHE_HOME": "relative"}))
    assert seen.look(HOME, "path") == Unknown(reason="HOME is not set")
    assert seen.look(("disk", "cache"), "path") == Unknown(reason="'relative' is no absolute path")


def test_loops_and_odd_names_become_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_bytes(bytes(range(256)) * 8)
    environ = {"HOME": "/loop", "XDG_CACHE_HOME": "/a\0b", "HF_HOME": "/\udcff"}
    seen = collect(disks, make_target(tmp_path, environ=environ))
    assert isinstance(seen.look(HOME, "path"), Unknown)
    assert isinstance(seen.look(("disk", "cache"), "path"), Unknown)
    assert seen.facts.value(("disk", "huggingface"), "path") == "/?"
    assert seen.look(("disk", "tmp"), "type") == Unknown(reason="/proc/self/mountinfo is damaged")


def test_live_place_is_measured_at_its_closest_folder(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    target = make_target("/", files=LocalFiles(), live=True, environ={"HOME": str(tmp_path / "not" / "yet")})
    seen = collect(disks, target)
    assert seen.facts.value(HOME, "path") == str(tmp_path / "not" / "yet")
    total = seen.facts.value(HOME, "total")
    assert isinstance(total, int)
    assert total > 0
    assert seen.facts.value(HOME, "read_only") is False
