"""Installed files against RECORDs: what proves damage, and what may be so on purpose."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.integrity import Damage, examine
from envcheck.linkers.inventory import take_inventory
from envcheck.linkers.view import View
from envcheck.targets.files import LocalFiles
from tests.modules import elf

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "a/_x.cpython-311-x86_64-linux-gnu.so"
GOOD = elf(extra={".debug_info": b"d" * 500, ".symtab": b"s" * 100})


def install(
    site: Path, name: str, version: str, files: dict[str, bytes], *, installer: str = "pip", origin: str = ""
) -> None:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "INSTALLER").write_text(installer)
    if origin:
        (info / "direct_url.json").write_text(origin)
    rows = [f"{info.name}/RECORD,,", f"{info.name}/INSTALLER,sha256=other,1000"]
    for path, content in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
        checksum = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        rows.append(f"{path},sha256={checksum},{len(content)}")
    (info / "RECORD").write_text("\n".join(rows) + "\n")


def examined(site: Path, *, reachable: frozenset[str] = frozenset(), verify: bool = False) -> tuple[Damage, ...]:
    view = View(LocalFiles())
    return examine(view, take_inventory(view, [str(site)]), reachable=reachable, verify=verify)


def with_others(site: Path) -> None:
    install(site, "other", "1", {f"other/_{number}.abi3.so": elf(texts=b"\0" * number) for number in (1, 2, 3)})


def test_an_exact_installation_is_silent(tmp_path: Path):
    install(tmp_path, "a", "1", {MODULE: GOOD, "a/__init__.py": b"x = 1\n"})
    assert examined(tmp_path) == ()
    assert examined(tmp_path, verify=True) == ()


@pytest.mark.parametrize(
    ("content", "proven"),
    [
        (elf(extra={".debug_info": b"d" * 400}), True),  # smaller and not stripped
        (elf(), False),  # smaller, perhaps stripped
        (GOOD[:300], True),  # cut off
        (b"", True),
        (b"version https://git-lfs.github.com/spec/v1\n", True),
        (elf(extra={".debug_info": b"d" * 2000}), True),  # larger, nothing moved behind its old end
        (elf(filler=len(GOOD)), False),  # larger, with what the loader reads behind it: patched
        (elf(texts=b"t" * 2000, extra={".gnu_debuglink": b"x.debug"}), False),
    ],
)
def test_another_size_among_exact_files(tmp_path: Path, content: bytes, proven: bool):  # noqa: FBT001
    install(tmp_path, "a", "1", {MODULE: GOOD})
    with_others(tmp_path)
    (tmp_path / MODULE).write_bytes(content)
    (damage,) = examined(tmp_path)
    assert (damage.distribution, damage.problem, damage.proven, damage.native) == ("a", "size", proven, True)
    assert (damage.expected, damage.found) == (str(len(GOOD)), str(len(content)))


def test_where_most_differ_none_is_proven(tmp_path: Path):
    install(tmp_path, "a", "1", {f"a/_{number}.abi3.so": GOOD for number in range(4)})
    for number in range(3):
        (tmp_path / f"a/_{number}.abi3.so").write_bytes(elf(extra={".debug_info": b"d" * 10}))
    found = examined(tmp_path)
    assert [damage.proven for damage in found] == [False, False, False]
    assert "3 of 4" in found[0].reason


def test_a_missing_file_is_proof_where_an_import_asks_for_it(tmp_path: Path):
    install(tmp_path, "a", "1", {MODULE: GOOD, "a/part.py": b"", "a/test.py": b""})
    for path in (MODULE, "a/part.py", "a/test.py"):
        (tmp_path / path).unlink()
    assert [(damage.problem, damage.proven) for damage in examined(tmp_path)] == [("missing", False)]
    asked = examined(tmp_path, reachable=frozenset((f"{tmp_path}/a/part.py", f"{tmp_path}/a/none.py", "/else/x.py")))
    assert [(damage.path.rpartition("/")[2], damage.proven) for damage in asked] == [
        (MODULE.rpartition("/")[2], False),
        ("part.py", True),
    ]
    assert len(examined(tmp_path, verify=True)) == 3


def test_hashes_are_compared_with_verify(tmp_path: Path):
    install(tmp_path, "a", "1", {"a/__init__.py": b"x = 1\n"})
    (tmp_path / "a/__init__.py").write_bytes(b"x = 2\n")
    assert examined(tmp_path) == ()
    (damage,) = examined(tmp_path, verify=True)
    assert (damage.problem, damage.proven, damage.native) == ("hash", False, False)
    assert damage.expected != damage.found


def test_an_overwritten_module_of_another_version(tmp_path: Path):
    install(tmp_path, "a", "1", {"cv/cv.abi3.so": GOOD, "cv/__init__.py": b"1"})
    install(tmp_path, "b", "2", {"cv/cv.abi3.so": elf(), "cv/__init__.py": b"22"})
    (damage,) = examined(tmp_path)
    assert (damage.distribution, damage.problem, damage.other, damage.other_version) == ("a", "clobbered", "b", "2")
    assert damage.proven
    assert [(one.proven, one.native) for one in examined(tmp_path, verify=True)] == [(False, False), (True, True)]


def test_which_content_is_there_is_told_by_hash_where_sizes_agree(tmp_path: Path):
    install(tmp_path, "a", "1", {"cv/cv.abi3.so": elf(texts=b"1")})
    install(tmp_path, "b", "2", {"cv/cv.abi3.so": elf(texts=b"2")})
    (tmp_path / "cv/cv.abi3.so").write_bytes(elf(texts=b"1"))
    (damage,) = examined(tmp_path)
    assert (damage.distribution, damage.other, damage.proven) == ("b", "a", True)


def test_harmless_overwriting_is_not_proven(tmp_path: Path):
    install(tmp_path, "a", "1", {"cv/cv.abi3.so": GOOD, "n/lib/libnccl.so.2": GOOD})
    install(tmp_path, "b", "1", {"cv/cv.abi3.so": elf()})
    install(tmp_path, "c", "9", {"n/lib/libnccl.so.2": elf()})
    found = examined(tmp_path)
    assert [(damage.problem, damage.proven) for damage in found] == [("clobbered", False), ("clobbered", False)]


def test_the_same_content_twice_is_no_damage(tmp_path: Path):
    install(tmp_path, "a", "1", {"cv/cv.abi3.so": GOOD})
    install(tmp_path, "b", "2", {"cv/cv.abi3.so": GOOD})
    assert examined(tmp_path, verify=True) == ()


@pytest.mark.parametrize(
    ("installer", "origin"), [("conda", ""), ("debian", ""), ("", ""), ("pip", '{"dir_info": {"editable": true}}')]
)
def test_installations_of_other_rules_are_not_judged(tmp_path: Path, installer: str, origin: str):
    install(tmp_path, "a", "1", {MODULE: GOOD}, installer=installer, origin=origin)
    with_others(tmp_path)
    (tmp_path / MODULE).write_bytes(b"")
    assert examined(tmp_path, verify=True) == ()


def test_an_installation_over_another_version_is_not_judged(tmp_path: Path):
    install(tmp_path, "a", "2", {MODULE: GOOD})
    install(tmp_path, "a", "1", {MODULE: elf()})
    assert examined(tmp_path) == ()


def test_files_that_installers_write_anew_are_not_compared(tmp_path: Path):
    install(tmp_path, "a", "1", {"a.py": b""})
    with (tmp_path / "a-1.dist-info" / "RECORD").open("a") as record:
        record.write(
            "../../../bin/a,sha256=x,5\n../libs/libz.so,sha256=x,5\n/abs/liby.so,sha256=x,5\na-1.data/x.so,sha256=x,5\n"
        )
    assert examined(tmp_path, verify=True) == ()


def test_a_folder_in_place_of_a_file_is_passed_over(tmp_path: Path):
    install(tmp_path, "a", "1", {MODULE: GOOD})
    (tmp_path / MODULE).unlink()
    (tmp_path / MODULE).mkdir()
    assert examined(tmp_path, verify=True) == ()
