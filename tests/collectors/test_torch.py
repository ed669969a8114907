"""How torch was built, read from trees shaped like its wheels, and the libraries of nvidia wheels."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.collectors import Collection, torch
from envcheck.targets.target import PythonLayout
from tests.hosts.gpu_hosts import write

if TYPE_CHECKING:
    from pathlib import Path

SITE = "/venv/lib/python3.11/site-packages"
TORCH = ("package", "torch")
V1_12 = "__version__ = '1.12.1+cu113'\ndebug = False\ncuda = '11.3'\ngit_version = '664058fa'\nhip = None\n"
V2_4 = (
    "from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip']\n"
    "__version__ = '2.4.1+cu121'\ndebug = False\ncuda: Optional[str] = '12.1'\n"
    "git_version = '38b96d33'\nhip: Optional[str] = None\n"
)
V2_10_CPU = (
    "from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip', 'rocm', 'xpu']\n"
    "__version__ = '2.10.0+cpu'\ndebug = False\ncuda: Optional[str] = None\ngit_version = '449b1768'\n"
    "hip: Optional[str] = None\nrocm: Optional[str] = None\nxpu: Optional[str] = None\n"
)
V2_9_ROCM = V2_10_CPU.replace("hip: Optional[str] = None", "hip: Optional[str] = '6.4.43484'").replace(
    "+cpu", "+rocm6.4"
)
V2_9_XPU = V2_10_CPU.replace("xpu: Optional[str] = None", "xpu: Optional[str] = '20250101'")
NEW_CONFIG = "set(TORCH_CXX_FLAGS)\n"
OLD_ABI = b"\0_ZN3c105ErrorC2ENS_14SourceLocationESs\0"
NEW_ABI = b"\0_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE\0"


def elf(section: str, content: bytes) -> bytes:
    """Return an ELF file with one section of interest, and its table of sections at the end."""
    names = b"\0" + section.encode() + b"\0.shstrtab\0"
    places = [(0, 0, 0), (1, 64, len(content)), (2 + len(section), 64 + len(content), len(names))]
    table = b"".join(
        struct.pack("<IIQQQQIIQQ", name, 1, 0, 0, offset, size, 0, 0, 0, 0) for name, offset, size in places
    )
    end = 64 + len(content) + len(names)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, end, 0, 64, 0, 0, 64, len(places), 2)
    return header + content + names + table


@pytest.fixture
def look(tmp_path: Path, make_target: Any) -> Any:
    def run(files: dict[str, str | bytes], *sites: str) -> Collection:
        layout = PythonLayout(
            kind="venv",
            prefix="/venv",
            base_prefix="/usr",
            executable="/venv/bin/python",
            version="3.11.7",
            implementation="cpython",
            abi="cp311",
            soabi="cpython-311-x86_64-linux-gnu",
            platform="linux",
            site_directories=sites or (SITE,),
        )
        into = Collection()
        torch.collect(make_target(write(tmp_path, files), layout=layout), into)
        return into

    return run


def built(version: str, **more: Any) -> dict[str, str | bytes]:
    return {f"{SITE}/torch/version.py": version} | {f"{SITE}/torch/{path}": text for path, text in more.items()}


def attributes(into: Collection, name: str = "torch") -> dict[str, Any]:
    return {key: value for key, (value, _) in into.facts.of(("package", name)).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (V1_12, {"variant": "cuda", "cuda": "11.3", "git": "664058fa", "debug": False}),
        (V2_4, {"variant": "cuda", "cuda": "12.1", "git": "38b96d33", "debug": False}),
        (V2_10_CPU, {"variant": "cpu", "git": "449b1768", "debug": False}),
        (V2_9_ROCM, {"variant": "rocm", "hip": "6.4.43484", "git": "449b1768", "debug": False}),
        (V2_9_XPU, {"variant": "xpu", "git": "449b1768", "debug": False}),
        (
            V2_4.replace("debug = False", "debug = True"),
            {"variant": "cuda", "cuda": "12.1", "git": "38b96d33", "debug": True},
        ),
    ],
)
def test_the_build_of_every_form_of_the_version_file(look: Any, text: str, expected: dict[str, object]) -> None:
    assert attributes(look(built(text))) == expected


@pytest.mark.parametrize("text", ["", "\0\0\0", "<<<<<<< HEAD\n", "cuda: Optional[str] = '12", b"\xff\xfe\xff"])
def test_a_damaged_version_file_is_a_gap(look: Any, text: str | bytes) -> None:
    into = look({f"{SITE}/torch/version.py": text})
    assert attributes(into) == {}
    assert {"package/torch#cuda", "package/torch#variant"} <= into.coverage.keys()


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("0.21.0+cu124", {"cuda": "12.4", "variant": "cuda"}),
        ("0.24.1+cu130", {"cuda": "13.0", "variant": "cuda"}),
        ("0.21.0+cpu", {"variant": "cpu"}),
        ("0.21.0+rocm6.2.4", {"hip": "6.2.4", "variant": "rocm"}),
    ],
)
@pytest.mark.parametrize("name", ["torchvision", "torchaudio"])
def test_the_build_of_the_companions_by_their_version_file(
    look: Any, name: str, version: str, told: dict[str, str]
) -> None:
    text = f"__version__ = '{version}'\ngit_version = '7af69879'\n"
    into = look({f"{SITE}/{name}/version.py": text})
    assert attributes(into, name) == told
    assert into.facts.get(("package", name), "variant") == (told["variant"], f"{SITE}/{name}/version.py")
    assert into.coverage == {}


@pytest.mark.parametrize(
    ("needs", "variant", "gaps"),
    [
        (b"\0libc10.so\0libtorch_cuda.so\0", "cuda", {"package/torchvision#cuda"}),
        (b"\0libc10.so\0libtorch_hip.so\0", "rocm", set()),
        (b"\0libc10.so\0libtorch_cpu.so\0", "cpu", set()),
    ],
)
def test_a_torchvision_without_a_label_by_what_it_is_linked_with(
    look: Any, needs: bytes, variant: str, gaps: set[str]
) -> None:
    files = {f"{SITE}/torchvision/version.py": "__version__ = '0.21.0'\n"}
    into = look(files | {f"{SITE}/torchvision/_C.so": elf(".dynstr", needs)})
    assert attributes(into, "torchvision") == {"variant": variant}
    assert into.coverage.keys() == gaps


@pytest.mark.parametrize("library", [{}, {f"{SITE}/torchvision/_C.so": b"\0"}])
def test_a_torchvision_that_does_not_tell_is_a_gap(look: Any, library: dict[str, bytes]) -> None:
    into = look({f"{SITE}/torchvision/version.py": "__version__ = '0.21.0'\n"} | library)
    assert attributes(into, "torchvision") == {}
    assert into.coverage.keys() == {"package/torchvision#cuda", "package/torchvision#variant"}


def test_a_version_file_that_is_a_folder_is_a_gap(look: Any) -> None:
    assert "package/torch#cuda" in look({f"{SITE}/torch/version.py/x": ""}).coverage


def test_without_torch_there_is_nothing_and_no_gap(look: Any) -> None:
    into = look({f"{SITE}/six.py": ""})
    assert len(into.facts) == 0
    assert into.coverage == {}


def test_without_a_python_nothing_was_collected(tmp_path: Path, make_target: Any) -> None:
    into = Collection()
    torch.collect(make_target(tmp_path, layout_problem="no Python there"), into)
    assert into.coverage["package#cuda"].reason == "no Python there"


def test_the_copy_that_import_finds_counts(look: Any) -> None:
    into = look({"/first/torch/version.py": V2_10_CPU} | built(V2_4), "/first", SITE)
    assert attributes(into)["variant"] == "cpu"


@pytest.mark.parametrize(("digit", "new"), [("0", False), ("1", True)])
def test_the_abi_as_the_cmake_package_states_it(look: Any, digit: str, new: bool) -> None:  # noqa: FBT001
    config = f'  set(TORCH_CXX_FLAGS "-D_GLIBCXX_USE_CXX11_ABI={digit}")\n'
    into = look(built(V2_4, **{"share/cmake/Torch/TorchConfig.cmake": config}))
    assert attributes(into)["cxx11_abi"] is new


@pytest.mark.parametrize(("symbols", "new"), [(OLD_ABI, False), (NEW_ABI, True)])
def test_the_abi_as_the_symbols_show_it(look: Any, symbols: bytes, new: bool) -> None:  # noqa: FBT001
    more: dict[str, str | bytes] = {
        "share/cmake/Torch/TorchConfig.cmake": NEW_CONFIG,
        "lib/libc10.so": elf(".dynstr", symbols),
    }
    into = look(built(V2_10_CPU, **more))
    assert attributes(into)["cxx11_abi"] is new


FLAGS = b"not it: sm_80\0unrelated\0"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (b"sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90", ("5.0", "6.0", "7.0", "7.5", "8.0", "8.6", "9.0")),
        (b"sm_75 sm_90a sm_100 sm_120 compute_120", ("7.5", "9.0a", "10.0", "12.0+PTX")),
        (b"sm_80 compute_90", ("8.0", "compute_90")),
        (b"compute_80", ("compute_80",)),
        (b"gfx90a gfx942 gfx1100", ("gfx90a", "gfx942", "gfx1100")),
    ],
)
def test_gpu_targets_among_the_constants_of_the_library(look: Any, flags: bytes, expected: tuple[str, ...]) -> None:
    constants = FLAGS + b"sm_ is a prefix\0sm_80 and more\0" + flags + b"\0after\0"
    into = look(built(V2_4, **{"lib/libtorch_python.so": elf(".rodata", constants)}))
    assert attributes(into)["architectures"] == expected


WHOLE = elf(".rodata", FLAGS + b"sm_80 sm_90\0")


@pytest.mark.parametrize(
    "library",
    [
        b"",
        b"\x7fELF",
        WHOLE[:70],
        WHOLE[:-40],
        elf(".text", b"\0sm_80\0"),
        elf(".rodata", FLAGS),
        b"\x7fELF\x02\x01" + b"\xff" * 90,
    ],
)
def test_a_library_that_does_not_tell_is_a_gap(look: Any, library: bytes) -> None:
    into = look(built(V2_4, **{"lib/libtorch_python.so": library}))
    assert "architectures" not in attributes(into)
    assert "package/torch#architectures" in into.coverage


def test_libraries_that_torch_bundles_itself(look: Any) -> None:
    into = look(built(V1_12, **{"lib/libcudnn.so.8": b"", "lib/libc10.so": b"", "lib/readme": ""}))
    assert attributes(into)["libraries"] == ("libc10.so", "libcudnn.so.8")


def wheel(name: str, *paths: str) -> dict[str, str | bytes]:
    record = "".join(f"{path},sha256=x,1\n" for path in paths)
    return {f"{SITE}/{name}.dist-info/RECORD": record} | {f"{SITE}/{path}": b"" for path in paths}


def test_the_libraries_of_nvidia_wheels_belong_to_who_recorded_them(look: Any) -> None:
    files = wheel("nvidia_cudnn_cu12-9.1.0.70", "nvidia/cudnn/lib/libcudnn_ops.so.9", "nvidia/cudnn/lib/libcudnn.so.9")
    files |= wheel("nvidia_cublas-13.1.0.3", "nvidia/cu13/lib/libcublas.so.13", "nvidia/cu13/include/cublas.h")
    files |= wheel(
        "nvidia_cuda_runtime-13.0.96", "nvidia/cu13/lib/libcudart.so.13", "nvidia/cu13/lib/libcudart_static.a"
    )
    into = look(files)
    assert attributes(into, "nvidia-cudnn-cu12") == {"libraries": ("libcudnn.so.9", "libcudnn_ops.so.9")}
    assert attributes(into, "nvidia-cublas") == {"libraries": ("libcublas.so.13",)}
    assert attributes(into, "nvidia-cuda-runtime") == {"libraries": ("libcudart.so.13",)}


def test_a_recorded_library_that_is_gone_is_not_listed(look: Any, tmp_path: Path) -> None:
    write(tmp_path, wheel("nvidia_nccl_cu12-2.20.5", "nvidia/nccl/lib/libnccl.so.2", "nvidia/nccl/lib/libx.so.1"))
    (tmp_path / SITE[1:] / "nvidia/nccl/lib/libx.so.1").unlink()
    assert attributes(look({}), "nvidia-nccl-cu12") == {"libraries": ("libnccl.so.2",)}


def test_an_nvidia_wheel_without_its_record_is_a_gap(look: Any) -> None:
    into = look({f"{SITE}/nvidia/nccl/lib/libnccl.so.2": b"", f"{SITE}/nvidia_nccl_cu12-2.20.5.dist-info/METADATA": ""})
    assert "package/nvidia-nccl-cu12#libraries" in into.coverage
