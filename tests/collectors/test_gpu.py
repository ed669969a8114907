"""GPUs from PCI, NVIDIA's files, AMD's topology and the driver's own answers."""

from __future__ import annotations

import runpy
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.collectors import Collection, _nvidia, gpu
from envcheck.targets import children as children_module
from envcheck.targets.children import Ended
from tests.hosts import gpu_hosts as hosts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def look(tmp_path: Path, make_target: Any) -> Any:
    def run(files: dict[str, str | bytes], **changes: Any) -> Collection:
        into = Collection()
        gpu.collect(make_target(hosts.write(tmp_path, files), **({"environ": {}} | changes)), into)
        return into

    return run


class Children:
    """Answers in place of child processes, in turn, and remembers what was started."""

    def __init__(self, *answers: Ended) -> None:
        self.answers = list(answers)
        self.started: list[list[str]] = []

    def __call__(self, argv: Sequence[str], **_: Any) -> Ended:
        self.started.append(list(argv))
        return self.answers.pop(0)


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answer(*answers: Ended) -> Children:
        made = Children(*answers)
        monkeypatch.setattr(children_module, "run", made)
        return made

    return answer


def attributes(into: Collection, number: int) -> dict[str, Any]:
    return {name: value for name, (value, _) in into.facts.of(("gpu", str(number))).items()}


def test_nvidia_gpus_in_the_order_of_the_driver(look: Any) -> None:
    into = look(hosts.A100)
    assert into.facts.entities("gpu") == [("gpu", "0"), ("gpu", "1")]
    assert attributes(into, 0) == {
        "name": "NVIDIA A100-SXM4-80GB",
        "vendor": "nvidia",
        "pci": "0000:3b:00.0",
        "pci_id": "10de:20b2",
        "numa_node": 0,
        "driver_bound": "nvidia",
    }
    assert attributes(into, 1)["numa_node"] == 1
    assert {"gpu/0#memory", "gpu/0#compute_capability", "gpu/1#mig"} <= into.coverage.keys()
    assert "gpu" not in into.coverage


def test_a_machine_without_gpus_is_read_whole(look: Any) -> None:
    into = look(hosts.SERVER)
    assert into.facts.entities("gpu") == []
    assert into.coverage == {}


def test_without_sys_nothing_is_known(look: Any) -> None:
    assert look({"/etc/os-release": "ID=debian\n"}).coverage["gpu"].status == "not collected"


def test_a_gpu_that_the_driver_does_not_show_comes_last(look: Any) -> None:
    files = hosts.A100 | hosts.pci("0000:02:00.0", "030000", "10de:1eb8", "vfio-pci")
    into = look(files)
    assert [attributes(into, number)["driver_bound"] for number in range(3)] == ["nvidia", "nvidia", "vfio-pci"]


def test_amd_by_the_topology_of_its_compute_driver(look: Any) -> None:
    into = look(hosts.MI300X)
    assert attributes(into, 0) == {
        "name": "AMD Instinct MI300X OAM",
        "vendor": "amd",
        "gfx": "gfx942",
        "memory": 206141652992,
        "pci": "0000:05:00.0",
        "pci_id": "1002:74a1",
        "driver_bound": "amdgpu",
    }
    assert into.coverage == {}


@pytest.mark.parametrize(
    ("version", "gfx"), [(90010, "gfx90a"), (110000, "gfx1100"), (100300, "gfx1030"), (90402, "gfx942")]
)
def test_amd_targets_are_written_in_hexadecimal(look: Any, version: int, gfx: str) -> None:
    node = "/sys/class/kfd/kfd/topology/nodes/1/properties"
    into = look({node: f"gfx_target_version {version}\nlocation_id 768\n"} | hosts.SERVER)
    assert attributes(into, 0)["gfx"] == gfx
    assert attributes(into, 0)["pci"] == "0000:03:00.0"


def test_an_intel_accelerator_is_no_gpu(look: Any) -> None:
    files = hosts.pci("0000:00:0b.0", "120000", "8086:7d1d") | hosts.pci("0000:00:02.0", "030000", "8086:7d55", "i915")
    into = look(files)
    assert [attributes(into, 0)["vendor"]] == ["intel"]
    assert into.facts.entities("gpu") == [("gpu", "0")]


IDS = (
    b"# a list\n1002  AMD\n\t20b2  Not this one [Wrong]\n10de  NVIDIA Corporation\n"
    b"\t20b2  GA100 [A100 SXM4 80GB]\n\t\t10de 1463  A100\n\t2230  GA102GL\n8086  Intel\n\t1eb8  Other vendor\n"
)


@pytest.mark.parametrize(
    ("identity", "name"),
    [("10de:20b2", "A100 SXM4 80GB"), ("10de:2230", "GA102GL"), ("10de:1eb8", None), ("10de:ffff", None)],
)
def test_the_list_of_pci_ids_names_what_no_driver_names(look: Any, identity: str, name: str | None) -> None:
    into = look({"/usr/share/misc/pci.ids": IDS} | hosts.pci("0000:01:00.0", "030000", identity, "nouveau"))
    assert attributes(into, 0).get("name") == name
    assert ("gpu/0#name" in into.coverage) is (name is None)


def test_a_jetson_is_on_no_bus(look: Any) -> None:
    into = look({"/proc/device-tree/model": "NVIDIA Jetson AGX Orin Developer Kit\0"})
    assert attributes(into, 0) == {"vendor": "nvidia", "name": "NVIDIA Jetson AGX Orin Developer Kit"}
    assert "gpu" not in into.coverage


@pytest.mark.parametrize(
    "text", ["", "\0\0", "gfx_target_version x\n", "gfx_target_version ²\n", "gfx_target_version\n"]
)
def test_a_damaged_topology_does_no_harm(look: Any, text: str) -> None:
    assert look({"/sys/class/kfd/kfd/topology/nodes/1/properties": text} | hosts.SERVER).facts.entities("gpu") == []


NVML = (
    "-\tdriver\t535.104.05\n"
    "0000:3b:00.0\tname\tNVIDIA A100-SXM4-80GB\n0000:3b:00.0\tmemory\t85899345920\n"
    "0000:3b:00.0\tcompute_capability\t8.0\n0000:3b:00.0\tmig\t0\n0000:3b:00.0\tecc\t1\n0000:3b:00.0\tpersistence\t1\n"
    "a line that a start-up file printed\n"
    "0000:86:00.0\tname\tNVIDIA A100-SXM4-80GB\n0000:86:00.0\tcompute_capability\t8.0\n"
)


def test_the_driver_is_asked_for_what_files_do_not_tell(look: Any, children: Any) -> None:
    started = children(Ended(code=0, out=NVML, err="")).started
    into = look(hosts.A100, live=True)
    assert started == [[sys.executable, "-I", _nvidia._PROGRAM]]
    first = attributes(into, 0)
    assert (first["memory"], first["compute_capability"], first["capability_source"]) == (85899345920, "8.0", "driver")
    assert (first["mig"], first["ecc"], first["persistence"]) == (False, True, True)
    assert into.facts.value(("cuda",), "query_seconds") is not None
    assert "gpu/0#memory" not in into.coverage
    assert into.coverage["gpu/1#memory"].reason == "the driver does not say"


def test_no_child_is_started_without_a_driver(look: Any, children: Any) -> None:
    children()
    assert look(hosts.SERVER, live=True).coverage == {}


def test_no_child_is_started_for_another_machine(look: Any, children: Any) -> None:
    children()
    assert "gpu/0#memory" in look(hosts.A100, live=False).coverage


SMI = "00000000:3B:00.0, 535.104.05, NVIDIA A100-SXM4-80GB, 81920, Disabled, Enabled, Enabled, 8.0\n"
PROGRAM: dict[str, str | bytes] = {"/usr/bin/nvidia-smi": ""}


def test_nvidia_smi_answers_where_nvml_cannot(look: Any, children: Any) -> None:
    children(Ended(code=1, out="", err="NVML Shared Library Not Found\n"), Ended(code=0, out=SMI, err=""))
    into = look(hosts.A100 | PROGRAM, live=True)
    assert attributes(into, 0)["memory"] == 81920 << 20
    assert into.facts.get(("gpu", "0"), "compute_capability") == ("8.0", "command: /usr/bin/nvidia-smi")


def test_an_old_nvidia_smi_is_asked_again_without_the_capability(look: Any, children: Any) -> None:
    refused = Ended(code=2, out='Field "compute_cap" is not a valid field to query.\n', err="")
    old = Ended(code=0, out=SMI.replace(", 8.0", ""), err="")
    started = children(Ended(code=1, out="", err="x"), refused, old).started
    into = look(hosts.A100 | PROGRAM, live=True)
    assert "compute_cap" not in started[-1][1]
    assert attributes(into, 0)["memory"] == 81920 << 20
    assert "gpu/0#compute_capability" in into.coverage


def test_a_driver_that_hangs_is_a_gap_and_is_not_asked_twice(look: Any, children: Any) -> None:
    started = children(Ended(code=None, out="", err="\nstopped after 3 seconds")).started
    into = look(hosts.A100 | PROGRAM, live=True)
    assert len(started) == 1
    assert into.coverage["gpu/0#memory"].reason == "no answer from NVML: stopped after 3 seconds"


def test_windows_gpus_come_from_the_driver_alone(look: Any, children: Any) -> None:
    answer = "00000000:01:00.0, 551.61, NVIDIA GeForce RTX 4090, 24564, [N/A], [N/A], [N/A], 8.9\n"
    children(Ended(code=1, out="", err="no"), Ended(code=0, out=answer, err=""))
    into = look(hosts.WINDOWS, live=True)
    assert attributes(into, 0)["name"] == "NVIDIA GeForce RTX 4090"
    assert into.facts.value(("cuda",), "driver") == "551.61"
    assert "gpu" not in into.coverage
    assert "mig" not in attributes(into, 0)


def test_windows_without_an_answer_knows_nothing(look: Any, children: Any) -> None:
    children(Ended(code=1, out="", err="no"), Ended(code=9, out="", err=""))
    assert look(hosts.WINDOWS, live=True).coverage["gpu"].reason == "NVML: no; nvidia-smi: exit code 9"


def test_the_child_says_what_nvml_says(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def unsupported(_: object) -> int:
        raise RuntimeError("Not Supported")

    fake = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlSystemGetDriverVersion=lambda: b"535.104.05",
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetPciInfo=lambda _: SimpleNamespace(busId="00000000:3B:00.0"),
        nvmlDeviceGetName=lambda _: "NVIDIA A100-SXM4-80GB",
        nvmlDeviceGetMemoryInfo=lambda _: SimpleNamespace(total=5),
        nvmlDeviceGetCudaComputeCapability=lambda _: (8, 0),
        nvmlDeviceGetMigMode=unsupported,
        nvmlDeviceGetPersistenceMode=lambda _: 1,
        nvmlDeviceGetEccMode=lambda _: [0, 0],
    )
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(_nvidia._PROGRAM, run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines() == [
        "-\tdriver\t535.104.05",
        "0000:3b:00.0\tname\tNVIDIA A100-SXM4-80GB",
        "0000:3b:00.0\tmemory\t5",
        "0000:3b:00.0\tcompute_capability\t8.0",
        "0000:3b:00.0\tpersistence\t1",
        "0000:3b:00.0\tecc\t0",
    ]


def test_the_child_without_nvml_ends_with_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(_nvidia._PROGRAM, run_name="__main__")
    assert ended.value.code == 1
    assert capsys.readouterr().err
