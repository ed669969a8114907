"""Marks in compiled files and generated code, as their makers leave them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.binaries.marks import Generated, Marks, read_generated, read_marks, read_torch_string
from tests.modules import NUMPY_1, elf, numpy_2

CHECK = b"_ZN3c106detail14torchCheckFailEPKcS2_jRK"


def marks(data: bytes) -> Marks:
    return read_marks(lambda offset, size: data[offset : offset + size], len(data))


def test_headers_of_numpy_1():
    found = marks(elf(texts=NUMPY_1))
    assert (found.module, found.numpy, found.numpy_required, found.numpy_oldest) == (True, 1, True, "")


def test_headers_of_numpy_2_state_the_oldest_release():
    found = marks(elf(texts=numpy_2("1.23")))
    assert (found.numpy, found.numpy_required, found.numpy_oldest) == (2, True, "1.23")


def test_a_direct_call_of_the_import_does_not_require_numpy():
    texts = NUMPY_1.replace(b"numpy.core.multiarray failed to import", b"")
    assert (marks(elf(texts=texts)).numpy, marks(elf(texts=texts)).numpy_required) == (1, False)
    assert marks(elf(texts=texts + b"cython_runtime\0")).numpy_required


def test_text_about_numpy_alone_is_no_use_of_its_headers():
    assert (
        marks(elf(texts=b"\0see numpy.core._multiarray_umath or numpy.core.multiarray failed to import\0")).numpy == 0
    )


def test_tools_leave_their_names():
    found = marks(
        elf(
            texts=b"\0_cython_3_0_10\0cython_runtime\0__pybind11_internals_v5_gcc\0__nb_internals_v16_x\0pyo3_runtime.Panic"
        )
    )
    assert (found.cython, found.pybind11, found.nanobind, found.rust) == ("3.0.10", "v5_gcc", "v16_x", True)
    assert marks(elf(texts=b"\0cython_runtime\0")).cython == "unknown"


def test_pybind11_before_2_12_knows_one_place_of_numpy():
    texts = b"\0__pybind11_internals_v4_gcc\0numpy.core.multiarray\0"
    assert marks(elf(texts=texts)).old_pybind11
    assert not marks(elf(texts=texts + b"numpy._core\0")).old_pybind11


def test_needed_libraries_come_from_the_dynamic_section():
    assert marks(elf(needed=("libgomp.so.1", "libc.so.6"))).needed == ("libgomp.so.1", "libc.so.6")


@pytest.mark.parametrize(
    ("names", "string"),
    [
        (CHECK + b"Ss\0", "old"),
        (CHECK + b"NSt7__cxx1112basic_string\0", "cxx11"),
        (CHECK + b"Ss\0" + CHECK + b"NSt7__cxx1112basic_string\0", ""),
        (b"_ZN3foo3barESs\0", ""),
    ],
)
def test_the_string_that_is_passed_to_torch(names: bytes, string: str):
    data = elf(names=b"\0PyInit__C\0" + names)
    assert marks(data).torch == string
    assert read_torch_string(lambda offset, size: data[offset : offset + size], len(data)) == string


def test_a_library_without_python_has_no_marks():
    assert marks(elf(names=b"\0cblas_dgemm\0", texts=NUMPY_1)) == Marks()


def test_files_of_other_systems_are_searched_from_the_beginning():
    assert marks(b"MZ" + bytes(100) + b"\0PyInit_x\0" + NUMPY_1).numpy == 1
    assert marks(b"") == Marks()


@given(st.integers(0, 2000), st.binary(max_size=40))
def test_damaged_files_raise_only_what_is_said(at: int, junk: bytes):
    data = elf(texts=NUMPY_1, needed=("libc.so.6",))
    broken = data[: at % len(data)] + junk
    for candidate in (broken, broken + data[len(broken) :]):
        try:
            found = marks(candidate)
        except ValueError:
            continue
        assert isinstance(found, Marks)


PROTOC_5 = b"""# -*- coding: utf-8 -*-
from google.protobuf import runtime_version as _runtime_version
from google.protobuf.internal import builder as _builder
_runtime_version.ValidateProtobufRuntimeVersion(
    _runtime_version.Domain.PUBLIC,
    5,
    29,
    0,
    '',
    'a.proto'
)
"""


def test_generated_code_states_its_version():
    assert read_generated(PROTOC_5) == Generated(checked=(5, 29, 0), builder=True)
    assert read_generated(PROTOC_5.replace(b"\n", b"\r\n")) == Generated(checked=(5, 29, 0), builder=True)


def test_what_is_indented_is_conditional():
    indented = b"if new:\n  " + PROTOC_5.replace(b"\n", b"\n  ") + b"\nelse:\n  X = _descriptor.Descriptor(\n"
    assert read_generated(indented) == Generated()


@pytest.mark.parametrize("version", [b"5,\n    x,\n    0", b"5", b"9999999999999, 1, 2", b"-1, 2, 3"])
def test_a_version_that_is_none_is_passed_over(version: bytes):
    text = (
        b"_runtime_version.ValidateProtobufRuntimeVersion(\n    _runtime_version.Domain.PUBLIC,\n    " + version + b","
    )
    assert read_generated(text).checked == ()


def test_code_from_before_the_builder_makes_descriptors():
    assert read_generated(b"import x\n_A = _descriptor.Descriptor(\n  name='A')\n").direct
    assert read_generated(b"_KIND = _descriptor.EnumDescriptor(\n").direct
    assert not read_generated(b"DESCRIPTOR = _descriptor.FileDescriptor(\n  name='a.proto')\n").direct


GRPC = b"""import grpc
GRPC_GENERATED_VERSION = '1.71.0'
if _version_not_supported:
    raise RuntimeError(
        f'The grpc package')
"""


def test_grpc_code_that_refuses_and_that_warns():
    assert read_generated(GRPC).grpc == "1.71.0"
    assert read_generated(GRPC.replace(b"raise RuntimeError", b"warnings.warn")).grpc == ""


@given(st.binary(max_size=300))
def test_any_text_is_read(data: bytes):
    assert isinstance(read_generated(data), Generated)
    assert isinstance(read_generated(b"ValidateProtobufRuntimeVersion(" + data), Generated)
