"""Generated protobuf and gRPC code against the runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.linkers.built import Here, told
from tests.modules import elf

if TYPE_CHECKING:
    from pathlib import Path

BUILDER = b"from google.protobuf.internal import builder as _builder\n"
DIRECT = b"_A = _descriptor.Descriptor(\n  name='A')\n"


def checking(*version: int) -> bytes:
    numbers = "".join(f"    {number},\n" for number in version)
    return (
        b"_runtime_version.ValidateProtobufRuntimeVersion(\n    _runtime_version.Domain.PUBLIC,\n"
        + numbers.encode()
        + b"    '',\n    'a.proto'\n)\n"
        + BUILDER
    )


@pytest.mark.parametrize(
    ("runtime", "content", "misfits"),
    [
        ("4.25.3", checking(5, 29, 0), [("protobuf", ">=5.29.0", True)]),
        ("5.28.3", checking(5, 29, 0), [("protobuf", ">=5.29.0", True)]),
        ("5.29.0", checking(5, 29, 0), []),
        ("6.30.1", checking(5, 29, 0), []),
        ("7.34.0", checking(5, 29, 0), []),
        ("3.19.6", BUILDER, [("protobuf", ">=3.20", True)]),
        ("3.20.3", BUILDER, []),
        ("3.20.3", DIRECT, []),
        ("4.21.0", DIRECT, [("protobuf", "<4", True)]),
        ("", DIRECT, []),
    ],
)
def test_generated_code_and_runtimes(
    tmp_path: Path, runtime: str, content: bytes, misfits: list[tuple[str, str, bool]]
):
    here = Here(tmp_path, protobuf=runtime).add("protobuf", "google/_upb/_message.abi3.so", elf())
    assert told(here.add("a", "a/x_pb2.py", content).judge(environ={})) == misfits


def test_a_runtime_that_accepts_the_last_major_only(tmp_path: Path):
    source = b"  if gen_major != MAJOR:\n    if gen_major == MAJOR - 1:\n      pass\n"
    here = Here(tmp_path, protobuf="7.34.0").add("protobuf", "google/protobuf/runtime_version.py", source)
    here.add("a", "a/x_pb2.py", checking(5, 29, 0)).add("a", "a/y_pb2.py", checking(6, 30, 0))
    assert told(here.judge(environ={})) == [("protobuf", "<7", True)]


def test_variables_that_let_generated_code_pass(tmp_path: Path):
    here = Here(tmp_path, protobuf="5.28.0").add("protobuf", "google/_upb/_message.abi3.so", elf())
    here.add("a", "a/x_pb2.py", checking(5, 29, 0)).add("a", "a/y_pb2.py", DIRECT)
    environ = {
        "TEMPORARILY_DISABLE_PROTOBUF_VERSION_CHECK": "true",
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
    }
    assert told(here.judge(environ=environ)) == [("protobuf", ">=5.29.0", False)]
    assert told(here.judge(environ=None))[1] == ("protobuf", "<4", False)


def test_the_pure_runtime_makes_descriptors(tmp_path: Path):
    here = Here(tmp_path, protobuf="5.28.0").add("a", "a/y_pb2.py", DIRECT)
    assert here.judge(environ={}) == []


@pytest.mark.parametrize("variant", ["a/v5/x_pb2.py", "a/v6/x_pb2_new.py"])
def test_one_of_several_variants_is_not_proven(tmp_path: Path, variant: str):
    here = Here(tmp_path, protobuf="5.29.5").add("a", "a/v6/x_pb2.py", checking(6, 30, 0))
    here.add("a", variant, checking(5, 29, 0))
    assert told(here.judge(environ={})) == [("protobuf", ">=6.30.0", False)]


def test_several_files_that_all_fail_are_proven(tmp_path: Path):
    here = Here(tmp_path, protobuf="5.29.5").add("a", "a/v1/x_pb2.py", checking(6, 30, 0))
    here.add("a", "a/v2/x_pb2.py", checking(6, 30, 0)).add("a", "a/v1/x_pb2_grpc.py", b"")
    assert [one.proven for one in here.judge(environ={})] == [True, True]


@pytest.mark.parametrize(("here", "misfits"), [("1.70.9", 1), ("1.71.0", 0), ("1.85.1", 0), ("", 0)])
def test_grpc_code(tmp_path: Path, here: str, misfits: int):
    text = b"GRPC_GENERATED_VERSION = '1.71.0'\nif _version_not_supported:\n    raise RuntimeError(\n"
    found = Here(tmp_path, grpcio=here).add("a", "a/x_pb2_grpc.py", text).judge()
    assert told(found) == [("grpc", ">=1.71.0", True)] * misfits
