"""Names of the native world: whose symbol it is, and what a library is called."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.engine.names import demangled, namespace, soname_parts

SYMBOLS = {
    "_ZN3c104cuda9SetDeviceEi": ("c10::cuda::SetDevice", "c10"),
    "_ZN2at4_ops5zeros4callEN3c108ArrayRefINS2_6SymIntEEE": ("at::_ops::zeros::call", "at"),
    "_ZNK5torch8autograd4Node4nameEv": ("torch::autograd::Node::name", "torch"),
    "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE9_M_createERmm": (
        "std::__cxx11::basic_string::_M_create",
        "std::__cxx11",
    ),
    "_ZN6google8protobuf8internal17AssignDescriptorsEv": (
        "google::protobuf::internal::AssignDescriptors",
        "google::protobuf",
    ),
    "_ZSt28__throw_bad_array_new_lengthv": ("std::__throw_bad_array_new_length", "std"),
    "_ZN2cv3MatC1Ev": ("cv::Mat::Mat", "cv"),
    "_ZN10tensorflow8OpKernel11TraceStringB5cxx11ERKNS_15OpKernelContextEb": (
        "tensorflow::OpKernel::TraceString",
        "tensorflow",
    ),
    "_ZTVN10__cxxabiv117__class_type_infoE": ("__cxxabiv1::__class_type_info", "__cxxabiv1"),
    "_ZN4absl12lts_202308024CordC1Ev": ("absl::lts_20230802::Cord::Cord", "absl"),
    "?foo@c10@@YAXXZ": ("c10::foo", "c10"),
    "??0Mat@cv@@QEAA@XZ": ("cv::Mat", "cv"),
    "_Z3foov": ("foo", ""),
    "cudnnCreate": ("cudnnCreate", ""),
    "": ("", ""),
}


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_symbol_says_its_name_and_whose_it_is(symbol: str) -> None:
    assert (demangled(symbol), namespace(symbol)) == SYMBOLS[symbol]


@pytest.mark.skipif(shutil.which("c++filt") is None, reason="there is no c++filt")
@pytest.mark.parametrize("symbol", [symbol for symbol in SYMBOLS if symbol.startswith("_Z") and "TV" not in symbol])
def test_names_are_those_of_binutils(symbol: str) -> None:
    told = subprocess.run(["c++filt", symbol], capture_output=True, text=True, check=True).stdout
    plain = told.split("(")[0].replace("[abi:cxx11]", "").strip()
    while "<" in plain:
        start = plain.rindex("<")
        plain = plain[:start] + plain[plain.index(">", start) + 1 :]
    assert demangled(symbol) == plain


@given(st.text(alphabet="_ZNSIEKLC10249abcst", max_size=60))
def test_any_text_has_a_name(tail: str) -> None:
    assert isinstance(namespace(f"_Z{tail}"), str)


@pytest.mark.parametrize(
    ("library", "parts"),
    [
        ("/usr/lib/libcudart.so.11.0", ("cudart", "11.0")),
        ("libcudnn_ops_infer.so.8", ("cudnn_ops_infer", "8")),
        ("libGL.so.1", ("GL", "1")),
        ("cudart64_110.dll", ("cudart", "64.110")),
        ("C:\\x\\nvcuda.dll", ("nvcuda", "")),
        ("libfoo.dylib", ("foo", "")),
    ],
)
def test_a_library_says_what_it_is_called_and_its_version(library: str, parts: tuple[str, str]) -> None:
    assert soname_parts(library) == parts
