"""Collects direct rendering nodes, and what the host does with DMA: IOMMU, its options, engines, narrow devices."""

from __future__ import annotations

import os
import posixpath

from envcheck.collectors._kernel import names, printable, read, read_optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.targets.target import Target

COVERS = ("dri", "host#iommu_groups", "host#iommu_cmdline", "host#dma_engines", "host#dma_32bit")
PLATFORMS = ("linux",)

_HOST = ("host",)
_NODES = "/dev/dri"
_GROUPS = "/sys/kernel/iommu_groups"
_ENGINES = "/sys/class/dma"
_DEVICES = "/sys/bus/pci/devices"
_CMDLINE = "/proc/cmdline"
# Options of the kernel that decide on address translation and bounce buffers
# (https://docs.kernel.org/admin-guide/kernel-parameters.html); `iommu.` is a prefix of several.
_OPTIONS = ("iommu", "intel_iommu", "amd_iommu", "swiotlb")
# PCI base classes that move bulk data: storage, network, display, processing accelerator
# (PCI Code and ID Assignment Specification, chapter 1; /usr/share/misc/pci.ids).
_BULK_CLASSES = ("0x01", "0x02", "0x03", "0x12")


def collect(target: Target, into: Collection) -> None:
    """Fill `dri`, and `host#iommu_…` and `host#dma_…`."""
    _collect_nodes(target, into)
    groups = names(target, into, _GROUPS, "host#iommu_groups")
    engines = names(target, into, _ENGINES, "host#dma_engines")
    # A kernel without the subsystem has no folder: that is none, as long as the rest of /sys is there.
    if "host#iommu_groups" not in into.coverage:
        into.put(_HOST, _GROUPS, iommu_groups=len(groups or ()))
    if "host#dma_engines" not in into.coverage:
        into.put(_HOST, _ENGINES, dma_engines=len(engines or ()))
    text = read(target, into, _CMDLINE, "host#iommu_cmdline")
    options = tuple(
        word for word in (text or "").split() if word.partition("=")[0] in _OPTIONS or word.startswith("iommu.")
    )
    into.put(_HOST, _CMDLINE, iommu_cmdline=options or None)
    _collect_narrow_devices(target, into)


def _collect_nodes(target: Target, into: Collection) -> None:
    nodes = names(target, into, _NODES, "dri")
    if nodes is None and not target.live:
        into.gap("dri", "not a running system: device nodes are not known")
    for node in nodes or ():
        if not node.startswith(("card", "renderD")):
            continue
        path = f"{_NODES}/{node}"
        entity = ("dri", node)
        if target.live:
            into.put(entity, path, accessible=os.access(path, os.R_OK | os.W_OK))
        else:
            into.gap(f"dri/{node}#accessible", "not a running system")
        device = f"/sys/class/drm/{node}/device"
        driver = _driver(target, device)
        if driver is None:
            into.gap(f"dri/{node}#driver", f"{device}/driver cannot be read")
        into.put(entity, f"{device}/driver", driver=driver)
        vendor, product = (
            (read_optional(target, into, f"{device}/{name}", f"dri/{node}#pci_id") or "").strip()
            for name in ("vendor", "device")
        )
        if vendor and product:
            into.put(entity, device, pci_id=f"{vendor.removeprefix('0x')}:{product.removeprefix('0x')}")


def _collect_narrow_devices(target: Target, into: Collection) -> None:
    """Record bulk-data devices whose driver reaches only 4 GiB: above that, data goes through bounce buffers.

    32 bits are also what a device has before a driver asks for more, so that one without a driver says nothing
    (https://docs.kernel.org/core-api/dma-api-howto.html, dma_set_mask).
    """
    narrow = []
    for device in names(target, into, _DEVICES, "host#dma_32bit") or ():
        folder = f"{_DEVICES}/{device}"
        kind = read_optional(target, into, f"{folder}/class", "host#dma_32bit") or ""
        if not kind.startswith(_BULK_CLASSES):
            continue
        bits = read_optional(target, into, f"{folder}/dma_mask_bits", "host#dma_32bit") or ""
        if bits.strip() == "32" and _driver(target, folder):
            narrow.append(device)
    if narrow:
        into.put(_HOST, _DEVICES, dma_32bit=tuple(narrow))


def _driver(target: Target, device: str) -> str | None:
    """Return the name of the kernel driver that holds a device, None for none."""
    try:
        return printable(posixpath.basename(target.files.readlink(f"{device}/driver")))
    except (OSError, ValueError):
        return None
