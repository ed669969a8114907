"""RECORDs read into who owns what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.inventory import Inventory, is_native, owner_of, stated, take_inventory
from envcheck.linkers.view import View
from envcheck.targets.files import LocalFiles

if TYPE_CHECKING:
    from pathlib import Path


def record(site: Path, folder: str, text: str | bytes, name: str = "RECORD") -> None:
    (site / folder).mkdir(exist_ok=True)
    (site / folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def taken(*sites: Path) -> Inventory:
    return take_inventory(View(LocalFiles()), [str(site) for site in sites])


def test_rows_belong_to_the_distribution(tmp_path: Path):
    record(tmp_path, "Two_Words-1.0+cpu.dist-info", "two/__init__.py,sha256=abc,12\r\n../../../bin/two,,\r\n")
    found = taken(tmp_path)
    owner = owner_of(found, f"{tmp_path}/two/__init__.py")
    assert owner is not None
    assert (owner.name, owner.version, owner.folder) == ("two-words", "1.0+cpu", "Two_Words-1.0+cpu.dist-info")
    assert stated(found.files[str(tmp_path)]["two/__init__.py"]) == (12, "sha256=abc")
    assert stated(found.files[str(tmp_path)]["../../../bin/two"]) == (None, "")
    assert owner_of(found, f"{tmp_path}/two/other.py") is None
    assert owner_of(found, "/elsewhere/two/__init__.py") is None


def test_bytecode_is_left_out_and_quotes_are_read(tmp_path: Path):
    record(tmp_path, "a-1.dist-info", 'a/__pycache__/x.cpython-311.pyc,,\n"a/b,""c"".so",sha256=x,3\n')
    found = taken(tmp_path)
    assert set(found.files[str(tmp_path)]) == {'a/b,"c".so'}
    assert stated(found.files[str(tmp_path)]['a/b,"c".so']) == (3, "sha256=x")
    assert found.native[str(tmp_path)] == ('a/b,"c".so',)


def test_files_claimed_by_several(tmp_path: Path):
    record(tmp_path, "a-1.dist-info", "cv2/cv2.abi3.so,sha256=x,3\na.py,,\n")
    record(tmp_path, "b-2.dist-info", "cv2/cv2.abi3.so,sha256=y,4\nb.py,,\n")
    record(tmp_path, "c-3.dist-info", "cv2/cv2.abi3.so,sha256=z,5\n")
    found = taken(tmp_path)
    claims = found.shared[str(tmp_path)]["cv2/cv2.abi3.so"]
    assert [(found.owners[number].name, stated((number, rest))[0]) for number, rest in claims] == [
        ("a", 3),
        ("b", 4),
        ("c", 5),
    ]
    assert set(found.shared[str(tmp_path)]) == {"cv2/cv2.abi3.so"}


def test_the_newest_of_several_versions_counts(tmp_path: Path):
    record(tmp_path, "a-1.9.dist-info", "a/old.py,,\n")
    record(tmp_path, "a-1.10.dist-info", "a/new.py,,\n")
    record(tmp_path, "~-2.0.dist-info", "gone.py,,\n")
    found = taken(tmp_path)
    assert [(owner.version, owner.older) for owner in found.owners] == [("1.10", ("a-1.9.dist-info",))]
    assert set(found.files[str(tmp_path)]) == {"a/new.py"}


def test_installed_files_of_an_egg_are_relative_to_it(tmp_path: Path):
    record(tmp_path, "old-0.1-py3.11.egg-info", "../old/__init__.py\nPKG-INFO\n\n", "installed-files.txt")
    found = taken(tmp_path)
    assert set(found.files[str(tmp_path)]) == {"old/__init__.py", "old-0.1-py3.11.egg-info/PKG-INFO"}
    assert (found.owners[0].name, found.owners[0].version) == ("old", "0.1")


def test_each_site_directory_for_itself(tmp_path: Path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        record(tmp_path / name, "a-1.dist-info", "a.py,,\n")
    found = taken(tmp_path / "first", tmp_path / "second", tmp_path / "first", tmp_path / "missing")
    assert len(found.owners) == 2
    assert found.shared == {site: {} for site in found.sites}


def test_bad_records_are_no_errors(tmp_path: Path):
    record(
        tmp_path,
        "a-1.dist-info",
        b'\xff\xfe.py,,\nno comma\n"open,sha256=x,1\n,,\nb.py,sha256=x,-1\nc.py,,9' + b"9" * 40,
    )
    (tmp_path / "b-1.dist-info").write_text("a file")
    record(tmp_path, "c-1.dist-info", "x")
    (tmp_path / "c-1.dist-info" / "RECORD").unlink()
    (tmp_path / "c-1.dist-info" / "RECORD").mkdir()
    found = taken(tmp_path)
    assert [owner.name for owner in found.owners] == ["a", "b", "c"]
    assert [path for path, _ in found.problems] == [f"{tmp_path}/c-1.dist-info/RECORD"]
    assert stated(found.files[str(tmp_path)]["b.py"])[0] is None
    assert stated(found.files[str(tmp_path)]["c.py"])[0] is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.cpython-311-x86_64-linux-gnu.so", True),
        ("lib/libx.so.1.2", True),
        ("a.pyd", True),
        ("liby.dylib", True),
        ("a.so.py", False),
        ("notes.solo", False),
        ("x.so.1/readme", False),
    ],
)
def test_compiled_files_by_name(path: str, expected: bool):  # noqa: FBT001
    assert is_native(path) is expected
