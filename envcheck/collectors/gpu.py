"""The GPUs: from the kernel's files, and from NVIDIA's driver for what these do not tell."""

from __future__ import annotations

import posixpath

from envcheck.keys import format_key
from envcheck.model.facts import NOT_COLLECTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from envcheck.collectors import Collection
    from envcheck.model.facts import Entity
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

COVERS = ("gpu",)
PLATFORMS = ("linux",)

_PCI = "/sys/bus/pci/devices"
_KFD = "/sys/class/kfd/kfd/topology/nodes"
_NVIDIA = "/proc/driver/nvidia/gpus"
_BOARD = "/proc/device-tree/model"
_VENDORS = {"0x10de": "nvidia", "0x1002": "amd", "0x8086": "intel"}
_RANKS = ("nvidia", "amd", "intel")
_PCI_IDS = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")
_PCI_IDS_LIMIT = 8 << 20  # bytes; the file has 1.5 MiB
# What should be known of a vendor's GPU; of these, NVIDIA's files tell the name only.
_WANTED = {
    "nvidia": ("name", "memory", "compute_capability", "capability_source", "mig", "persistence", "ecc"),
    "amd": ("name", "memory", "gfx"),
    "intel": ("name", "memory"),
}


def collect(target: Target, into: Collection) -> None:
    """Describe the GPUs; NVIDIA's come first, by PCI address, so that they have the driver's own numbers."""
    files = target.files
    numbers = _from_pci(files, into)
    _from_nvidia_files(files, numbers, into)
    _from_kfd(files, numbers, into)
    _jetson(files, numbers, into)
    _names_from_ids(files, numbers, into)
    problem = "only the driver tells, and it can be asked on the machine itself only"
    if target.live:
        problem = _ask_driver(files, numbers, into)
    _say_gaps(numbers, problem, into)


def _gpu(number: int) -> Entity:
    return ("gpu", str(number))


def _line(files: Files, path: str) -> str:
    """Return a file's text without its end of line, empty where it cannot be read."""
    try:
        return (files.text(path) or "").strip("\n\0 ")
    except OSError:
        return ""


def _from_pci(files: Files, into: Collection) -> dict[str, int]:
    """Record the GPUs among the PCI devices; return their numbers by address."""
    try:
        addresses = files.names(_PCI)
    except FileNotFoundError:
        # Without /sys nothing is known; machines without PCI (Jetson, WSL) are found by other means.
        into.gap("gpu", f"{_PCI} is not there", status=NOT_COLLECTED)
        return {}
    except OSError as error:
        into.gap("gpu", f"{_PCI}: {error.strerror}", status=NOT_COLLECTED)
        return {}
    found = sorted(_gpus_of(files, addresses, into))
    for number, (_, pci, vendor) in enumerate(found):
        folder = f"{_PCI}/{pci}"
        node = _line(files, f"{folder}/numa_node")
        memory = _line(files, f"{folder}/mem_info_vram_total")  # amdgpu only
        into.put(
            _gpu(number),
            folder,
            vendor=_RANKS[vendor],
            pci=pci,
            pci_id=f"{_line(files, f'{folder}/vendor')[2:]}:{_line(files, f'{folder}/device')[2:]}",
            numa_node=int(node) if node.isdecimal() else None,  # -1 where the firmware does not say
            driver_bound=_link_name(files, f"{folder}/driver"),
            name=_line(files, f"{folder}/product_name") or None,  # amdgpu, where the board stores it
            memory=int(memory) if memory.isdecimal() else None,
        )
    return {pci: number for number, (_, pci, _) in enumerate(found)}


def _gpus_of(files: Files, addresses: list[str], into: Collection) -> Iterator[tuple[bool, str, int]]:
    """Yield (whether the driver does not show it, address, rank of the vendor) in a form that sorts."""
    shown = _shown(files)
    for pci in addresses:
        try:
            kind = files.text(f"{_PCI}/{pci}/class") or ""
        except OSError as error:
            into.gap("gpu", f"{_PCI}/{pci}/class: {error.strerror}")
            continue
        if not kind.startswith(("0x03", "0x1200")):
            continue
        vendor = _VENDORS.get(_line(files, f"{_PCI}/{pci}/vendor"))
        # Processing accelerators (1200) are GPUs of AMD (MI300X); Intel's are NPUs.
        if vendor is None or (kind.startswith("0x1200") and vendor != "amd"):
            continue
        yield vendor == "nvidia" and pci not in shown, pci, _RANKS.index(vendor)


def _shown(files: Files) -> list[str]:
    try:
        return files.names(_NVIDIA)
    except OSError:
        return []


def _link_name(files: Files, path: str) -> str | None:
    try:
        return posixpath.basename(files.readlink(path))
    except OSError:
        return None


def _from_nvidia_files(files: Files, numbers: dict[str, int], into: Collection) -> None:
    for pci in _shown(files):
        path = f"{_NVIDIA}/{pci}/information"
        for line in _line(files, path).splitlines():
            field, _, text = line.partition(":")
            if field == "Model" and (name := text.strip()) and "Unknown" not in name:
                number = numbers.setdefault(pci, len(numbers))
                into.put(_gpu(number), path, name=name, vendor="nvidia", pci=pci)


def _from_kfd(files: Files, numbers: dict[str, int], into: Collection) -> None:
    """Record the targets of AMD's GPUs from the compute driver's topology (drivers/gpu/drm/amd/amdkfd of Linux)."""
    try:
        nodes = files.names(_KFD)
    except OSError:
        return
    for node in nodes:
        path = f"{_KFD}/{node}/properties"
        words = (line.split() for line in _line(files, path).splitlines())
        stated = {pair[0]: int(pair[1]) for pair in words if len(pair) == 2 and pair[1].isdecimal()}  # noqa: PLR2004
        version = stated.get("gfx_target_version", 0)
        if not version:
            continue  # a processor's node
        place = stated.get("location_id", 0)
        pci = f"{stated.get('domain', 0):04x}:{place >> 8 & 0xFF:02x}:{place >> 3 & 0x1F:02x}.{place & 7}"
        number = numbers.setdefault(pci, len(numbers))
        gfx = f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}"
        into.put(_gpu(number), path, vendor="amd", pci=pci, gfx=gfx)


def _jetson(files: Files, numbers: dict[str, int], into: Collection) -> None:
    """Record the GPU inside a Jetson's processor, which is on no bus."""
    board = _line(files, _BOARD)
    if board.startswith("NVIDIA Jetson"):
        number = numbers.setdefault("", len(numbers))
        into.put(_gpu(number), _BOARD, vendor="nvidia", name=board)
        into.coverage.pop("gpu", None)


def _names_from_ids(files: Files, numbers: dict[str, int], into: Collection) -> None:
    """Name the GPUs that nothing else names by the system's list of PCI ids."""
    unnamed = [number for number in numbers.values() if into.facts.value(_gpu(number), "name") is None]
    if not unnamed:
        return
    for path in _PCI_IDS:
        try:
            listed = files.read(path, _PCI_IDS_LIMIT)
        except OSError:
            continue
        for number in unnamed:
            identity = into.facts.text(_gpu(number), "pci_id")
            into.put(_gpu(number), path, name=_listed_name(listed, identity) if identity else None)
        return


def _listed_name(listed: bytes, identity: str) -> str | None:
    """Return the product in brackets of a device's line: `GA100 [A100 PCIe 80GB]`."""
    vendor, _, device = identity.encode().partition(b":")
    start = listed.find(b"\n" + vendor + b" ")
    end = listed.find(b"\n\t" + device + b" ", start)
    if start < 0 or end < 0:
        return None
    if any(line[:1] not in (b"\t", b"#", b"") for line in listed[start + 1 : end].split(b"\n")[1:]):
        return None  # the line found belongs to another vendor
    text = listed[end + 2 + len(device) : listed.find(b"\n", end + 1)].strip().decode("utf-8", "replace")
    _, bracket, product = text.rpartition("[")
    return product.rstrip("]") if bracket else text


def _ask_driver(files: Files, numbers: dict[str, int], into: Collection) -> str:
    """Ask NVIDIA's driver where one is loaded; return why it did not answer, or an empty text."""
    windows = files.exists("/dev/dxg")
    if not windows and not files.exists("/proc/driver/nvidia/version"):
        return "no NVIDIA driver is loaded"
    from envcheck.collectors import _nvidia

    problem = _nvidia.ask(files, numbers, into)
    if windows:
        # WSL shows no PCI devices; what the driver says is the whole list.
        into.coverage.pop("gpu", None)
        if problem:
            into.gap("gpu", problem)
    return problem or "the driver does not say"


def _say_gaps(numbers: dict[str, int], problem: str, into: Collection) -> None:
    for number in numbers.values():
        entity = _gpu(number)
        known = into.facts.of(entity)
        vendor = into.facts.text(entity, "vendor") or ""
        reason = problem if vendor == "nvidia" else "no file tells"
        for attribute in _WANTED[vendor]:
            if attribute not in known:
                into.gap(format_key(entity, attribute), reason)
