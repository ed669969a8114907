"""Compiled modules and generated code against what is installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from envcheck.linkers.kept import Kept
from envcheck.linkers.misfits import release
from tests.linkers.built import Here, told
from tests.modules import NUMPY_1, elf, numpy_2

if TYPE_CHECKING:
    from pathlib import Path

CHECK = b"_ZN3c106detail14torchCheckFailEPKcS2_jRK"


def test_a_module_for_numpy_1_with_numpy_2(tmp_path: Path):
    (found,) = Here(tmp_path, numpy="2.0.2").add("a", "a/_x.so", elf(texts=NUMPY_1)).judge()
    assert (found.word, found.wants, found.here, found.provider, found.proven) == (
        "numpy",
        "<2",
        "2.0.2",
        "numpy",
        True,
    )
    assert (found.owner, found.version) == ("a", "1")


@pytest.mark.parametrize("version", ["1.26.4", "", "unknown"])
def test_the_same_module_elsewhere_is_well(tmp_path: Path, version: str):
    assert Here(tmp_path, numpy=version).add("a", "a/_x.so", elf(texts=NUMPY_1)).judge() == []


def test_modules_for_both_and_for_neither_are_well(tmp_path: Path):
    here = Here(tmp_path, numpy="2.4.0").add("a", "a/_x.so", elf(texts=numpy_2("1.23"))).add("a", "a/_y.so", elf())
    assert here.add("numpy", "numpy/core.so", elf(texts=NUMPY_1)).judge() == []


@pytest.mark.parametrize("requires", [{}, {"a": ("numpy; extra == 'arrays'", "numpydoc")}])
def test_a_distribution_that_does_not_require_numpy(tmp_path: Path, requires: dict[str, tuple[str, ...]]):
    here = Here(tmp_path, numpy="2.0.2").add("a", "a/_x.so", elf(texts=NUMPY_1))
    assert told(here.judge(requires=requires)) == [("numpy", "<2", False)]


@pytest.mark.parametrize("texts", [NUMPY_1.replace(b" failed to import", b""), NUMPY_1 + b"pyo3_runtime"])
def test_support_that_may_be_optional_is_not_proven(tmp_path: Path, texts: bytes):
    assert told(Here(tmp_path, numpy="2.0").add("a", "a/_x.so", elf(texts=texts)).judge()) == [("numpy", "<2", False)]


def test_a_library_is_proven_by_the_module_that_is_linked_to_it(tmp_path: Path):
    here = Here(tmp_path, numpy="2.0.2").add("a", "a/liba_python.so", elf(names=b"\0PyErr_Clear\0", texts=NUMPY_1))
    assert told(here.judge()) == [("numpy", "<2", False)]
    here.add("a", "a/lib.so", elf(needed=("liba_python.so",)))
    assert told(here.judge()) == [("numpy", "<2", True)]


def test_a_module_for_a_newer_numpy(tmp_path: Path):
    here = Here(tmp_path, numpy="1.21.0").add("a", "a/_x.so", elf(texts=numpy_2("1.23")))
    assert told(here.judge()) == [("numpy", ">=1.23", True)]
    here.add("a", "a/_y.so", elf(texts=numpy_2("1.20")))
    assert told(here.judge()) == [("numpy", ">=1.23", False)]


def test_an_old_pybind11_is_noted(tmp_path: Path):
    texts = b"\0__pybind11_internals_v4_gcc\0numpy.core.multiarray\0"
    assert told(Here(tmp_path, numpy="2.0").add("a", "a.so", elf(texts=texts)).judge()) == [("pybind11", "<2", False)]


def test_damaged_and_missing_modules_are_passed_over(tmp_path: Path):
    here = Here(tmp_path, numpy="2.0").add("a", "a.so", elf(texts=NUMPY_1)[:200])
    here.files += [("a", f"{tmp_path}/none.so"), ("a", str(tmp_path)), ("a", f"{tmp_path}/none_pb2.py")]
    assert here.judge() == []


def test_what_was_read_once_is_kept_while_the_stamp_is_the_same(tmp_path: Path):
    kept = Kept("x", 1, cached=False)
    here = Here(tmp_path, numpy="2.0").add("a", "a.so", elf(texts=NUMPY_1))
    assert len(here.judge(kept=kept)) == 1
    kept._held = dict(kept._used)
    status = (tmp_path / "a.so").stat()
    (tmp_path / "a.so").write_bytes(bytes(status.st_size))
    os.utime(tmp_path / "a.so", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert len(here.judge(kept=kept)) == 1
    os.utime(tmp_path / "a.so", ns=(0, 0))
    assert here.judge(kept=kept) == []


@pytest.mark.parametrize(("string", "misfits"), [(b"Ss\0", 1), (b"NSt7__cxx1112basic_string\0", 0), (b"x\0", 0)])
def test_the_string_of_torch(tmp_path: Path, string: bytes, misfits: int):
    here = Here(tmp_path, t="2").add("t", "t/lib/libc10.so", elf(names=b"\0" + CHECK + b"NSt7__cxx1112basic_string\0"))
    here.add("a", "a/_C.so", elf(names=b"\0PyInit__C\0" + CHECK + string, needed=("libc10.so",)))
    found = here.judge()
    assert told(found) == [("torch-abi", "old", True)] * misfits
    assert [(one.here, one.provider) for one in found] == [("cxx11", "t")] * misfits


def test_two_openmp_runtimes_are_noted(tmp_path: Path):
    here = Here(tmp_path).add("a", "a.libs/libomp-1.so.5", elf()).add("a", "a.libs/libiomp5.so", elf())
    here.add("c", "c.libs/libompi.so", elf()).add("c", "c.libs/libgomp.so.1", elf())
    assert here.judge() == []
    here.add("b", "b.libs/libiomp5.so", elf())
    assert [(one.word, one.owner, one.provider, one.proven) for one in here.judge()] == [("openmp", "b", "a", False)]
    assert here.judge(environ={"KMP_DUPLICATE_LIB_OK": "TRUE"}) == []


@pytest.mark.parametrize(
    ("text", "numbers"), [("2.0.2", (2, 0, 2)), ("1.26.0rc1", (1, 26, 0)), ("2", (2,)), ("x", ()), ("1" * 12, ())]
)
def test_the_numbers_of_a_version(text: str, numbers: tuple[int, ...]):
    assert release(text) == numbers
