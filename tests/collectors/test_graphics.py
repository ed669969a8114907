"""Direct rendering nodes, and the IOMMU and DMA facts of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envcheck.collectors import graphics
from envcheck.model.facts import ABSENT, Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collectors.conftest import Collect, MakeTarget

HOST = ("host",)


def device(root: Path, name: str, kind: str, bits: str, driver: str = "") -> None:
    folder = root / "sys/bus/pci/devices" / name
    folder.mkdir(parents=True)
    (folder / "class").write_text(f"{kind}\n")
    (folder / "dma_mask_bits").write_text(f"{bits}\n")
    if driver:
        (folder / "driver").symlink_to(f"../../drivers/{driver}")


def test_nodes_and_address_translation(collect: Collect, host_target: MakeTarget):
    seen = collect(graphics, host_target("host-debian12-hybrid"))
    assert seen.facts.entities("dri") == [("dri", "card0"), ("dri", "renderD128")]
    assert seen.facts.value(("dri", "card0"), "driver") == "nvidia"
    assert seen.facts.value(("dri", "renderD128"), "pci_id") == "10de:2330"
    assert isinstance(seen.look(("dri", "card0"), "accessible"), Unknown)
    assert seen.facts.value(HOST, "iommu_groups") == 2
    assert seen.facts.value(HOST, "iommu_cmdline") == ("intel_iommu=on", "iommu=pt")
    assert seen.facts.value(HOST, "dma_engines") == 1


def test_kernel_without_the_subsystems_has_none(collect: Collect, host_target: MakeTarget):
    seen = collect(graphics, host_target("host-alpine-arm64"))
    assert seen.facts.value(HOST, "iommu_groups") == 0
    assert seen.facts.value(HOST, "dma_engines") == 0
    assert seen.look(HOST, "dma_32bit") is ABSENT


def test_only_bulk_devices_with_a_driver_count_as_narrow(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    device(tmp_path, "0000:00:00.0", "0x060000", "32", "pcieport")  # a bridge moves nothing of its own
    device(tmp_path, "0000:01:00.0", "0x020000", "32", "e1000")
    device(tmp_path, "0000:02:00.0", "0x010802", "64", "nvme")
    device(tmp_path, "0000:03:00.0", "0x030200", "32")  # no driver has asked for more yet
    seen = collect(graphics, make_target(tmp_path))
    assert seen.facts.value(HOST, "dma_32bit") == ("0000:01:00.0",)


def test_image_without_devices_is_not_known(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    seen = collect(graphics, make_target(tmp_path))
    for attribute in ("iommu_groups", "iommu_cmdline", "dma_engines", "dma_32bit"):
        assert isinstance(seen.look(HOST, attribute), Unknown)
    assert seen.gap("dri") is not None


def test_damaged_tree_becomes_gaps(tmp_path: Path, collect: Collect, make_target: MakeTarget):
    (tmp_path / "dev/dri").mkdir(parents=True)
    (tmp_path / "dev/dri/card0").symlink_to("card0")
    (tmp_path / "sys/class/drm/card0/device/vendor").mkdir(parents=True)
    (tmp_path / "sys/bus/pci").mkdir(parents=True)
    (tmp_path / "sys/bus/pci/devices").symlink_to("devices")
    (tmp_path / "proc/cmdline").mkdir(parents=True)
    seen = collect(graphics, make_target(tmp_path))
    for attribute in ("driver", "pci_id"):
        assert isinstance(seen.look(("dri", "card0"), attribute), Unknown)
    for attribute in ("iommu_cmdline", "dma_32bit"):
        assert isinstance(seen.look(HOST, attribute), Unknown)
