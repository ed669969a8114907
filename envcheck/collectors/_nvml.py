"""A child program: asks NVIDIA's driver through NVML and prints facts as lines `address TAB attribute TAB value`.

The address is the PCI address in the kernel's form; the driver's own version has the address `-`. What the driver does
not offer for a device is left out. It ends with 1 and a line on stderr where NVML cannot be used.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def main() -> int:
    """Print what NVML tells of every device; return the exit code."""
    try:
        import pynvml as nvml  # type: ignore[import-untyped]

        nvml.nvmlInit()
    except Exception as error:  # noqa: BLE001  no library, no driver, another version of either: all the same answer
        sys.stderr.write(f"{error}\n")
        return 1
    _say("-", "driver", lambda: _text(nvml.nvmlSystemGetDriverVersion()))
    for index in range(nvml.nvmlDeviceGetCount()):
        device = nvml.nvmlDeviceGetHandleByIndex(index)
        _describe(nvml, device)
    return 0


def _describe(nvml: Any, device: Any) -> None:
    domain, _, rest = _text(nvml.nvmlDeviceGetPciInfo(device).busId).lower().partition(":")
    pci = f"{domain[-4:]}:{rest}"  # NVML writes eight digits of the domain, the kernel four
    _say(pci, "name", lambda: _text(nvml.nvmlDeviceGetName(device)))
    _say(pci, "memory", lambda: nvml.nvmlDeviceGetMemoryInfo(device).total)
    _say(pci, "compute_capability", lambda: "{}.{}".format(*nvml.nvmlDeviceGetCudaComputeCapability(device)))
    _say(pci, "mig", lambda: int(nvml.nvmlDeviceGetMigMode(device)[0]))
    _say(pci, "persistence", lambda: int(nvml.nvmlDeviceGetPersistenceMode(device)))
    _say(pci, "ecc", lambda: int(nvml.nvmlDeviceGetEccMode(device)[0]))


def _say(pci: str, attribute: str, ask: Callable[[], object]) -> None:
    try:
        sys.stdout.write(f"{pci}\t{attribute}\t{ask()}\n")
    except Exception:  # noqa: BLE001  NVML raises its own errors for what a device does not support; it stays unsaid
        return


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


if __name__ == "__main__":
    sys.exit(main())
