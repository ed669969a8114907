"""Machines with GPUs as the kernel's files show them; as text, since colons in file names do not travel everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LINUX = "Linux version 6.8.0-45-generic (buildd@lcy02) (x86_64-linux-gnu-gcc-13) #45-Ubuntu SMP\n"
WSL = "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) (gcc (GCC) 11.2.0) #1 SMP\n"

# /proc/driver/nvidia/version of four branches, with the closed and with the open kernel module.
DRIVER_470 = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC 2024\n"
    "GCC version:  gcc version 11.4.0 (Ubuntu 11.4.0-1ubuntu1~22.04)\n"
)
DRIVER_535 = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n"
    "GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n"
)
DRIVER_550_OPEN = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build  "
    "(dvs-builder@U16-I3-B03-4-3)  Tue Mar  5 22:23:56 UTC 2024\n"
    "GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n"
)
DRIVER_580_OPEN = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  "
    "(dvs-builder@U22-I3-AM02-24-3)  Tue Sep 23 10:11:16 UTC 2025\n"
    "GCC version:  gcc version 13.3.0 (Ubuntu 13.3.0-6ubuntu2~24.04)\n"
)


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a root; a text that begins with `->` is a link."""
    for path, content in files.items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            place.write_bytes(content)
        elif content.startswith("->"):
            place.symlink_to(content[2:])
        else:
            place.write_text(content, encoding="utf-8")
    return root


def pci(address: str, kind: str, identity: str, driver: str = "", **more: str) -> dict[str, str | bytes]:
    """Return the files of one PCI device."""
    folder = f"/sys/bus/pci/devices/{address}"
    vendor, _, device = identity.partition(":")
    files: dict[str, str | bytes] = {
        f"{folder}/class": f"0x{kind}\n",
        f"{folder}/vendor": f"0x{vendor}\n",
        f"{folder}/device": f"0x{device}\n",
        f"{folder}/numa_node": "-1\n",
    }
    if driver:
        files[f"{folder}/driver"] = f"->../../../../bus/pci/drivers/{driver}"
    return files | {f"{folder}/{name}": text for name, text in more.items()}


def nvidia(address: str, identity: str, model: str, kind: str = "030200", node: str = "0") -> dict[str, str | bytes]:
    """Return the files of a GPU that NVIDIA's driver holds."""
    return pci(address, kind, identity, "nvidia", numa_node=f"{node}\n") | {
        f"/proc/driver/nvidia/gpus/{address}/information": (
            f"Model: \t\t {model}\nIRQ:   \t\t 181\nGPU UUID: \t GPU-2f1c6e5c-0000-0000-0000-000000000000\n"
            f"Bus Type: \t PCIe\nBus Location: \t {address}\nDevice Minor: \t 0\n"
        )
    }


SERVER = {
    "/proc/version": LINUX,
    **pci("0000:00:00.0", "060000", "8086:09a2"),
    **pci("0000:03:00.0", "030000", "1a03:2000", "ast"),
}
A100 = {
    **SERVER,
    "/proc/driver/nvidia/version": DRIVER_535,
    "/sys/module/nvidia/version": "535.104.05\n",
    **nvidia("0000:86:00.0", "10de:20b2", "NVIDIA A100-SXM4-80GB", node="1"),
    **nvidia("0000:3b:00.0", "10de:20b2", "NVIDIA A100-SXM4-80GB"),
}
MI300X = {
    **SERVER,
    **pci(
        "0000:05:00.0",
        "120000",
        "1002:74a1",
        "amdgpu",
        mem_info_vram_total="206141652992\n",
        product_name="AMD Instinct MI300X OAM\n",
    ),
    "/sys/class/kfd/kfd/topology/nodes/0/properties": "cpu_cores_count 96\nsimd_count 0\ngfx_target_version 0\n",
    "/sys/class/kfd/kfd/topology/nodes/0/name": "\n",
    "/sys/class/kfd/kfd/topology/nodes/1/properties": (
        "cpu_cores_count 0\nsimd_count 1216\ngfx_target_version 90402\nvendor_id 4098\ndevice_id 29857\n"
        "location_id 1280\ndomain 0\ndrm_render_minor 128\n"
    ),
    "/sys/class/kfd/kfd/topology/nodes/1/name": "ip discovery\n",
}
WINDOWS = {
    "/proc/version": WSL,
    "/dev/dxg": "",
    "/usr/lib/wsl/lib/libcuda.so.1.1": b"\x7fELF\x02\x01",
    "/usr/lib/wsl/lib/libcuda.so.1": "->libcuda.so.1.1",
    "/usr/lib/wsl/lib/nvidia-smi": "",
    **pci("5582:00:00.0", "030200", "1414:008e", "dxgkrnl"),
}
