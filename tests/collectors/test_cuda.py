"""Driver, driver library, toolkits, cuDNN and device nodes, read from trees of files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.collectors import Collection, cuda
from tests.hosts import gpu_hosts as hosts

if TYPE_CHECKING:
    from pathlib import Path

CUDA = ("cuda",)
LIB = "/usr/lib/x86_64-linux-gnu"
COMPAT = "/usr/local/cuda-12.4/compat"


@pytest.fixture
def look(tmp_path: Path, make_target: Any) -> Any:
    def run(files: dict[str, str | bytes], **changes: Any) -> Collection:
        into = Collection()
        cuda.collect(make_target(hosts.write(tmp_path, files), **({"environ": {}} | changes)), into)
        return into

    return run


def attributes(into: Collection, *entity: str) -> dict[str, Any]:
    return {name: value for name, (value, _) in into.facts.of(entity).items()}


@pytest.mark.parametrize(
    ("text", "version", "opened"),
    [
        (hosts.DRIVER_470, "470.256.02", False),
        (hosts.DRIVER_535, "535.104.05", False),
        (hosts.DRIVER_550_OPEN, "550.54.15", True),
        (hosts.DRIVER_580_OPEN, "580.95.05", True),
    ],
)
def test_the_driver_of_each_wording(look: Any, text: str, version: str, opened: bool) -> None:  # noqa: FBT001
    into = look({"/proc/version": hosts.LINUX, "/proc/driver/nvidia/version": text})
    assert attributes(into, "cuda") == {"driver": version, "open_module": opened, "wsl": False}
    assert into.facts.get(CUDA, "driver") == (version, "/proc/driver/nvidia/version")


def test_the_module_tells_the_driver_where_proc_does_not(look: Any) -> None:
    into = look({"/proc/version": hosts.LINUX, "/sys/module/nvidia/version": "535.104.05\n"})
    assert into.facts.get(CUDA, "driver") == ("535.104.05", "/sys/module/nvidia/version")


def test_a_machine_without_a_driver_is_read_whole(look: Any) -> None:
    into = look({"/proc/version": hosts.LINUX})
    assert attributes(into, "cuda") == {"wsl": False}
    assert not [scope for scope in into.coverage if scope.startswith("cuda")]


def test_an_image_does_not_tell_the_driver(look: Any) -> None:
    into = look({"/etc/os-release": "ID=debian\n"}, environ=None)
    assert into.facts.of(CUDA) == {}
    assert {"cuda#driver", "cuda#wsl", "cuda#visible_devices", "device"} <= into.coverage.keys()


def test_garbage_instead_of_a_version_is_a_gap(look: Any) -> None:
    into = look({"/proc/version": hosts.LINUX, "/proc/driver/nvidia/version": b"\xff\xfe NVRM version: x\n"})
    assert into.facts.value(CUDA, "driver") is None
    assert "cuda#driver" in into.coverage


def test_the_windows_driver_of_wsl_is_a_gap_and_its_library_is_found(look: Any) -> None:
    into = look(hosts.WINDOWS)
    assert attributes(into, "cuda") == {"wsl": True, "driver_library_path": "/usr/lib/wsl/lib/libcuda.so.1"}
    assert {"cuda#driver", "cuda#driver_library"} <= into.coverage.keys()
    assert into.facts.entities("device") == [("device", "/dev/dxg")]


def library(folder: str, version: str) -> dict[str, str | bytes]:
    return {f"{folder}/libcuda.so.1": f"->libcuda.so.{version}", f"{folder}/libcuda.so.{version}": b"\x7fELF\x02\x01"}


def test_the_driver_library_tells_its_version_by_its_name(look: Any) -> None:
    into = look({"/proc/version": hosts.LINUX} | library(LIB, "535.104.05"))
    assert into.facts.get(CUDA, "driver_library") == ("535.104.05", f"{LIB}/libcuda.so.1")


def test_a_library_for_32_bit_programs_does_not_count(look: Any) -> None:
    old = library("/usr/lib", "390.48")
    old["/usr/lib/libcuda.so.390.48"] = b"\x7fELF\x01\x01"
    assert look(old).facts.value(CUDA, "driver_library") is None


def test_the_loader_cache_leads_to_other_folders(look: Any) -> None:
    cache = b"glibc-ld.so.cache1.1\0\0\1libcuda.so.1\0/opt/nv/lib/libcuda.so.1\0libz.so.1\0/lib/libz.so.1\0"
    into = look({"/etc/ld.so.cache": cache} | library("/opt/nv/lib", "550.54.15"))
    assert into.facts.value(CUDA, "driver_library_path") == "/opt/nv/lib/libcuda.so.1"


@pytest.mark.parametrize("cache", [b"", b"\0" * 100, b"/libcuda.so.1\0", b"\xff" * 4096])
def test_a_damaged_loader_cache_does_no_harm(look: Any, cache: bytes) -> None:
    assert look({"/etc/ld.so.cache": cache}).facts.value(CUDA, "driver_library") is None


@pytest.mark.parametrize(("path", "active"), [(COMPAT, True), (f"{LIB}:{COMPAT}", False), ("", False)])
def test_the_compatibility_package_wins_only_where_the_loader_meets_it_first(
    look: Any,
    path: str,
    active: bool,  # noqa: FBT001
) -> None:
    both = library(LIB, "535.104.05") | library(COMPAT, "550.54.15")
    into = look(both, environ={"LD_LIBRARY_PATH": path})
    seen = attributes(into, "cuda")
    assert (seen["driver_library"], seen["compat"], seen["compat_path"]) == ("535.104.05", "550.54.15", COMPAT)
    assert seen["compat_active"] is active


def test_without_the_variables_nobody_knows_which_library_wins(look: Any) -> None:
    into = look(library(COMPAT, "550.54.15"), environ=None)
    assert into.facts.value(CUDA, "compat_active") is None
    assert "cuda#compat_active" in into.coverage


TOOLKITS: dict[str, str | bytes] = {
    "/usr/local/cuda": "->/etc/alternatives/cuda",
    "/etc/alternatives/cuda": "->/usr/local/cuda-12.4",
    "/usr/local/cuda-12.4/version.json": '{"cuda": {"name": "CUDA SDK", "version": "12.4.1"}}',
    "/usr/local/cuda-12.4/bin/nvcc": "",
    "/usr/local/cuda-10.2/version.txt": "CUDA Version 10.2.89\n",
    "/usr/local/cuda-11.8/include/cuda.h": "/* */\n#define CUDA_VERSION 11080\n",
    "/opt/cuda/include/cuda.h": "#define CUDA_VERSION 13000\n",
    "/opt/cuda/bin/nvcc": "",
}


def test_every_toolkit_once_with_the_version_that_its_files_tell(look: Any) -> None:
    into = look(TOOLKITS)
    found = {path: into.facts.value(("toolkit", path), "version") for _, path in into.facts.entities("toolkit")}
    assert found == {
        "/usr/local/cuda-10.2": "10.2.89",
        "/usr/local/cuda-11.8": "11.8",
        "/usr/local/cuda-12.4": "12.4.1",
    }
    assert into.facts.value(("toolkit", "/usr/local/cuda-12.4"), "nvcc") is True
    assert into.facts.value(("toolkit", "/usr/local/cuda-11.8"), "nvcc") is False


@pytest.mark.parametrize(
    ("environ", "by", "version"),
    [
        ({}, "/usr/local/cuda", "12.4.1"),
        ({"PATH": "/bin:/opt/cuda/bin"}, "PATH", "13.0"),
        ({"PATH": "/opt/cuda/bin", "CUDA_PATH": "/usr/local/cuda-11.8"}, "CUDA_PATH", "11.8"),
        ({"CUDA_HOME": "/usr/local/cuda-11.8/", "CUDA_PATH": "/opt/cuda"}, "CUDA_HOME", "11.8"),
        ({"CUDA_HOME": "/gone"}, "CUDA_HOME", None),
    ],
)
def test_what_selects_the_toolkit(look: Any, environ: dict[str, str], by: str, version: str | None) -> None:
    into = look(TOOLKITS, environ=environ)
    assert into.facts.value(CUDA, "toolkit_selected_by") == by
    assert into.facts.value(CUDA, "toolkit") == version
    assert "cuda#toolkit" not in into.coverage


@pytest.mark.parametrize("text", ["{", "[]", '{"cuda": 1}', "[" * 60_000])
def test_a_damaged_version_file_leaves_the_version_to_the_folder_name(look: Any, text: str) -> None:
    into = look({"/usr/local/cuda-12.1/version.json": text, "/usr/local/cuda-12.1/bin/nvcc": ""})
    assert into.facts.value(("toolkit", "/usr/local/cuda-12.1"), "version") == "12.1"


def test_a_script_named_nvcc_is_no_toolkit(look: Any) -> None:
    into = look({"/usr/local/bin/nvcc": "#!/bin/sh\n"}, environ={"PATH": "/usr/local/bin"})
    assert into.facts.entities("toolkit") == []
    assert "cuda#toolkit" in into.coverage


@pytest.mark.parametrize(
    "nvcc", ["->/usr/local/cuda-13.0/bin/nvcc", '#!/bin/sh\nexec "/usr/local/cuda-13.0/bin/nvcc" "$@"\n']
)
def test_an_nvcc_that_leads_to_a_toolkit_selects_that_one(look: Any, nvcc: str) -> None:
    files = {"/usr/local/bin/nvcc": nvcc, "/usr/local/cuda-13.0/bin/nvcc": "\x7fELF"}
    into = look(files, environ={"PATH": "/usr/local/bin:/usr/bin"})
    assert into.facts.entities("toolkit") == [("toolkit", "/usr/local/cuda-13.0")]
    told = attributes(into, "cuda")
    assert (told["toolkit"], told["toolkit_path"]) == ("13.0", "/usr/local/cuda-13.0")
    assert "cuda#toolkit" not in into.coverage


def test_a_script_with_its_headers_beside_it_is_a_toolkit(look: Any) -> None:
    """Debian's nvidia-cuda-toolkit is spread over /usr."""
    files = {"/usr/bin/nvcc": '#!/bin/sh\nexec /usr/lib/nvidia-cuda-toolkit/bin/nvcc "$@"\n'}
    files |= {"/usr/lib/nvidia-cuda-toolkit/bin/nvcc": "", "/usr/include/cuda.h": "#define CUDA_VERSION 11080\n"}
    assert look(files, environ={"PATH": "/usr/bin"}).facts.value(CUDA, "toolkit") == "11.8"


def test_cudnn_by_the_library_that_the_loader_finds(look: Any) -> None:
    real = f"{LIB}/libcudnn.so.9.1.0"
    cache = f"\0libcudnn.so.9\0{LIB}/libcudnn.so.9\0".encode()
    into = look({real: b"", f"{LIB}/libcudnn.so.9": "->libcudnn.so.9.1.0", "/etc/ld.so.cache": cache})
    assert attributes(into, "cudnn") == {"version": "9.1.0", "path": f"{LIB}/libcudnn.so.9"}


def test_cudnn_by_its_header(look: Any) -> None:
    text = "#define CUDNN_MAJOR 8\n#define CUDNN_MINOR 9\n#define CUDNN_PATCHLEVEL 7\n#define CUDNN_VERSION (1)\n"
    into = look({"/usr/include/cudnn_version.h": text})
    assert into.facts.value(("cudnn",), "version") == "8.9.7"


def test_rocm(look: Any) -> None:
    into = look({"/opt/rocm": "->rocm-6.3.1", "/opt/rocm-6.3.1/.info/version": "6.3.1-48\n"})
    assert attributes(into, "rocm") == {"version": "6.3.1", "path": "/opt/rocm"}


def test_rocm_without_a_version_file_has_its_folder_name(look: Any) -> None:
    assert look({"/opt/rocm-6.1.0/bin/hipcc": ""}).facts.value(("rocm",), "version") == "6.1.0"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"/usr/bin/nvidia-container-runtime": ""}, "/usr/bin/nvidia-container-runtime"),
        ({"/etc/docker/daemon.json": '{"default-runtime": "nvidia"}'}, "/etc/docker/daemon.json"),
        ({"/etc/docker/daemon.json": "{}"}, None),
    ],
)
def test_the_container_runtime(look: Any, files: dict[str, str], found: str | None) -> None:
    assert look(files).facts.value(CUDA, "container_runtime") == found


def test_device_nodes_with_mode_and_group(look: Any, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"/proc/version": hosts.LINUX, "/etc/group": f"render:x:{os.getgid()}:\nbad\n"}
    files |= {"/dev/nvidia0": "", "/dev/nvidia-caps/nvidia-cap1": "", "/dev/dri/renderD128": "", "/dev/null0": ""}
    hosts.write(tmp_path, files)
    (tmp_path / "dev/nvidia0").chmod(0o660)
    into = look({})
    assert into.facts.entities("device") == [("device", "/dev/dri/renderD128"), ("device", "/dev/nvidia0")]
    assert attributes(into, "device", "/dev/nvidia0") == {"mode": "0660", "group": "render"}
    assert "device#accessible" in into.coverage


def test_visible_devices(look: Any) -> None:
    assert look({}, environ={"CUDA_VISIBLE_DEVICES": ""}).facts.value(CUDA, "visible_devices") == ""


def test_a_loop_of_links_is_no_end_of_the_run(look: Any) -> None:
    into = look({f"{LIB}/libcuda.so.1": "->libcuda.so.1", "/usr/local/cuda": "->cuda"})
    assert into.facts.entities("toolkit") == []
    assert into.facts.value(CUDA, "driver_library") is None
