"""What a compiled extension module and generated protobuf code carry of what they were built for, from their bytes.

Nothing here knows a distribution: the marks are texts that headers and code generators leave in whatever they build.

- NumPy: `import_array()` is compiled into the module that calls it. The headers of NumPy 1 import
  `numpy.core._multiarray_umath` alone; those of NumPy 2 try `numpy._core._multiarray_umath` first and state the oldest
  NumPy that they run with: "module was compiled against NumPy C-API version 0x%x (NumPy 1.23)". The compiler drops both
  where nothing calls them. (numpy:numpy/_core/code_generators/generate_numpy_api.py, `_import_array`;
  https://numpy.org/doc/stable/dev/depending_on_numpy.html)
- pybind11 has its own lookup: before 2.12 of `numpy.core.multiarray`, from then on of `numpy._core` or `numpy.core`.
  (pybind/pybind11:include/pybind11/numpy.h, `npy_api::lookup`)
- pybind11 and nanobind name the table through which modules share types, by the version of its layout.
  (pybind/pybind11:include/pybind11/detail/internals.h, wjakob/nanobind:src/nb_abi.h)
- Cython names the module that holds its shared types, `_cython_3_0_10`.
  (cython/cython:Cython/Utility/ModuleSetupCode.c)
"""

from __future__ import annotations

from envcheck.binaries import elf_sections
from envcheck.binaries.elf_image import MAGIC, Image
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.binaries.elf_image import ReadAt

_LIMIT = 64 << 20  # bytes of one section; the texts of the largest module met, a compiler, take 59 MiB
_TEXTS = (b".rodata", b".lrodata")
_NAMES = b".dynstr"
_DIGITS = 10  # no version has a number of so many
_VERSION_PARTS = 4  # domain, major, minor, patch

_NUMPY_1 = b"numpy.core._multiarray_umath\0"
_NUMPY_2 = b"numpy._core._multiarray_umath\0"
# The macro import_array() raises this; who calls _import_array() itself, as optional support does, has it not.
_NUMPY_REQUIRED = (b"numpy.core.multiarray failed to import", b"numpy._core.multiarray failed to import")
_NUMPY_OLDEST = b"module was compiled against NumPy C-API version 0x%x (NumPy "
_CHECK_FAILED = b"_ZN3c106detail14torchCheckFailEPKcS2_jRK"  # the next letters are the type of its last parameter
_STRINGS = ((b"NSt7__cxx1112basic_string", "cxx11"), (b"Ss", "old"))


class Marks(Record):
    """What a compiled file carries.

    `module` tells whether it has a PyInit function. `numpy` is 1 or 2 by the headers, 0 without; `numpy_required` that
    it raises where NumPy's C API is not there; `numpy_oldest` the release that its headers state. `old_pybind11` is set
    for a lookup of NumPy older than pybind11 2.12. `cython` is a version or `unknown`; `pybind11` and `nanobind` are
    names of the shared table. `needed` are the libraries of the dynamic section. `torch` is `cxx11` or `old`: which
    std::string it passes to torch.
    """

    module: bool = False
    numpy: int = 0
    numpy_required: bool = False
    numpy_oldest: str = ""
    cython: str = ""
    pybind11: str = ""
    old_pybind11: bool = False
    nanobind: str = ""
    rust: bool = False
    needed: tuple[str, ...] = ()
    torch: str = ""


class Generated(Record):
    """What generated Python code asks of its runtime when it is imported.

    `checked` is the version of protoc (as of the Python runtime) that it has checked, empty without; `builder` tells
    that it needs the builder of 3.20; `direct` that it makes descriptors itself, as protoc did before 3.19; `grpc` is
    the oldest grpcio that it accepts. What stands indented is conditional and does not count.
    """

    checked: tuple[int, ...] = ()
    builder: bool = False
    direct: bool = False
    grpc: str = ""


def read_marks(read_at: ReadAt, size: int) -> Marks:
    """Return the marks of a compiled file of a size; raises OSError, or ValueError for a damaged ELF file."""
    names, texts, needed = _read(read_at, size)
    if b"Py" not in names:
        return Marks()
    if not texts:
        texts = names
    numpy = 2 if _NUMPY_2 in texts else 1 if _NUMPY_1 in texts else 0
    by_cython = b"cython_runtime\0" in texts
    pybind11 = _after(texts, b"__pybind11_internals_")
    return Marks(
        module=b"PyInit_" in names,
        numpy=numpy,
        numpy_required=bool(numpy) and (by_cython or any(text in texts for text in _NUMPY_REQUIRED)),
        numpy_oldest=_after(texts, _NUMPY_OLDEST, b")") if numpy else "",
        cython=_after(texts, b"\0_cython_").replace("_", ".") or ("unknown" if by_cython else ""),
        pybind11=pybind11,
        old_pybind11=bool(pybind11) and b"numpy.core.multiarray\0" in texts and b"numpy._core" not in texts,
        nanobind=_after(texts, b"__nb_internals_"),
        rust=b"pyo3_runtime" in texts,
        needed=needed,
        torch=_torch(names),
    )


def read_torch_string(read_at: ReadAt, size: int) -> str:
    """Return which std::string a library of torch takes: `cxx11`, `old`, or nothing where it does not tell.

    Raises OSError and ValueError as `read_marks`.
    """
    return _torch(elf_sections.read(read_at, size, _NAMES.decode()))


def _read(read_at: ReadAt, size: int) -> tuple[bytes, bytes, tuple[str, ...]]:
    """Return names, texts and needed libraries; of what is no ELF file with sections, its beginning for the names."""
    if read_at(0, len(MAGIC)) != MAGIC:
        return read_at(0, min(size, _LIMIT)), b"", ()
    image = Image(read_at, size)
    places = elf_sections.places(image)
    if _NAMES not in places:
        return image.read(0, min(size, _LIMIT)), b"", ()
    image.read_dynamic()
    names = _contents(image, places, (_NAMES,))
    if b"Py" not in names:
        return b"", b"", ()
    ends = [(at, names.find(b"\0", at)) for at in image.needed if at < len(names)]
    needed = tuple(names[at:end].decode("latin-1") for at, end in ends)
    return names, b"\0" + _contents(image, places, _TEXTS), needed


def _contents(image: Image, places: dict[bytes, tuple[int, int]], wanted: tuple[bytes, ...]) -> bytes:
    found = [places[name] for name in wanted if name in places]
    return b"\0".join(image.read(offset, min(size, _LIMIT)) for offset, size in found)


def read_generated(data: bytes) -> Generated:
    """Return what the source text of a `_pb2.py` or `_pb2_grpc.py` asks of its runtime.

    Sources: https://protobuf.dev/support/cross-version-runtime-guarantee/, https://protobuf.dev/news/2022-05-06/,
    grpc/grpc:src/compiler/python_generator.cc
    """
    text = b"\n" + (data.replace(b"\r\n", b"\n") if b"\r" in data else data)
    refuses = text.find(b"\nif _version_not_supported:\n    raise RuntimeError(")
    return Generated(
        checked=_checked(text),
        builder=b"\nfrom google.protobuf.internal import builder as _builder" in text,
        direct=_has_statement(text, b" = _descriptor.Descriptor(") or _has_statement(text, b" = _descriptor.Enum"),
        grpc=_after(text, b"\nGRPC_GENERATED_VERSION = '", b"'") if refuses >= 0 else "",
    )


def _checked(text: bytes) -> tuple[int, ...]:
    """Return the version in a call of ValidateProtobufRuntimeVersion that always runs."""
    call = b"ValidateProtobufRuntimeVersion("
    at = text.find(call)
    start = text.rfind(b"\n", 0, at) + 1
    if at < 0 or text[start : start + 1].isspace():
        return ()
    parts = [part.strip() for part in text[at + len(call) : at + len(call) + 200].split(b",")[:_VERSION_PARTS]]
    if len(parts) < _VERSION_PARTS or not parts[0].endswith(b"PUBLIC"):
        return ()
    if not all(part.isdigit() and len(part) < _DIGITS for part in parts[1:]):
        return ()
    return tuple(map(int, parts[1:]))


def _has_statement(text: bytes, words: bytes) -> bool:
    """Tell whether a statement that is not indented has the words."""
    at = text.find(words)
    while at >= 0:
        if not text[text.rfind(b"\n", 0, at) + 1 : at + 1][:1].isspace():
            return True
        at = text.find(words, at + 1)
    return False


def _after(texts: bytes, mark: bytes, end: bytes = b"\0") -> str:
    """Return the text between a mark and its end, at most 80 bytes; nothing without the mark."""
    at = texts.find(mark)
    if at < 0:
        return ""
    start = at + len(mark)
    return texts[start : start + 80].partition(end)[0].decode("latin-1")


def _torch(names: bytes) -> str:
    kinds = {kind for letters, kind in _STRINGS if _CHECK_FAILED + letters in names}
    return kinds.pop() if len(kinds) == 1 else ""
