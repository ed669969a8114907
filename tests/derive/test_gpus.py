"""Capabilities by name, the driver's CUDA, and torch's code for a GPU, from facts and the shipped tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.derive import Derivation
from envcheck.derive.gpus import derive
from envcheck.model.facts import COMPLETE, NOT_COLLECTED, Coverage, Facts, Snapshot
from envcheck.model.rules import Table
from envcheck.plainyaml import read

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES = os.path.join(os.path.dirname(__file__), "..", "..", "rules", "tables")
GPU = ("gpu", "0")
TORCH = ("package", "torch")
LINUX = {("python",): {"machine": "x86_64", "platform": "linux"}}


@pytest.fixture(scope="module")
def tables() -> Mapping[str, Table]:
    return {name: _table(name) for name in ("gpus", "torch-architectures", "cuda-drivers")}


def _table(name: str) -> Table:
    with open(os.path.join(TABLES, f"{name}.yaml"), encoding="utf-8") as file:
        data: Any = read(file.read(), name)[0].data
    columns = {column: None for row in data["rows"] for column in row}
    rows = [{key: tuple(cell) if isinstance(cell, list) else cell for key, cell in row.items()} for row in data["rows"]]
    return Table(
        name=name, match=data["match"], sources=tuple(data["sources"]), rows=tuple(columns | row for row in rows)
    )


@pytest.fixture
def derived(tables: Mapping[str, Table]) -> Any:
    def run(facts: dict[tuple[str, ...], dict[str, Any]], *unknown: str) -> Derivation:
        held = Facts()
        for entity, values in facts.items():
            held.put(entity, "example", **values)
        coverage = {
            kind: Coverage(scope=kind, status=COMPLETE) for kind in ("cuda", "gpu", "package", "host", "python")
        }
        coverage |= {scope: Coverage(scope=scope, status=NOT_COLLECTED, reason="not read") for scope in unknown}
        into = Derivation()
        derive(Snapshot(label="", address="", facts=held, derived=Facts(), coverage=coverage), tables, into)
        return into

    return run


def test_the_shipped_tables_hold_every_sourced_row(tables: Mapping[str, Table]) -> None:
    assert {name: len(table.rows) for name, table in tables.items()} == {
        "gpus": 136,
        "torch-architectures": 46,
        "cuda-drivers": 53,
    }
    assert all(row["compute_capability"] or row["gfx"] for row in tables["gpus"].rows)


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("NVIDIA A100-SXM4-80GB", "8.0"),
        ("Tesla T4", "7.5"),
        ("Tesla V100-SXM2-16GB", "7.0"),
        ("NVIDIA H100 80GB HBM3", "9.0"),
        ("NVIDIA GH200 480GB", "9.0"),
        ("NVIDIA GB10", "12.1"),
        ("NVIDIA RTX 6000 Ada Generation", "8.9"),
        ("Quadro RTX 6000", "7.5"),
        ("NVIDIA RTX A6000", "8.6"),
        ("NVIDIA GeForce RTX 4070 Ti SUPER", "8.9"),
        ("NVIDIA GeForce RTX 3080 Laptop GPU", "8.6"),
        ("NVIDIA A10G", "8.6"),
        ("GeForce GTX 1080 Ti", "6.1"),
        ("A100 SXM4 80GB", "8.0"),
        ("NVIDIA Jetson AGX Orin Developer Kit", "8.7"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "12.0"),
        ("RTX 4090", "8.9"),
        ("rtx4090", "8.9"),
        ("RTX 3080Ti", "8.6"),
        ("GTX 1650", "7.5"),
        ("GTX1080", "6.1"),
        ("3090", "8.6"),
        ("2080ti", "7.5"),
        ("A6000", "8.6"),
        ("A10", "8.6"),
        ("B200", "10.0"),
        ("P100 16GB", "6.0"),
        ("RTX 4000 Ada", "8.9"),
        ("RTX 4000", None),
        ("RTX 6000", None),
        ("Quadro 6000", None),
        ("TITAN X", None),
        ("6000", None),
        ("GeForce RTX 50 series", None),
        ("NVIDIA GeForce GTX 970M", None),
        ("NVIDIA T4G", None),
        ("", None),
    ],
)
def test_capability_by_name(derived: Any, name: str, capability: str | None) -> None:
    into = derived({GPU: {"vendor": "nvidia", "name": name}})
    assert into.facts.value(GPU, "compute_capability") == capability
    assert into.facts.value(GPU, "capability_source") == ("table" if capability else None)
    assert ("gpu/0#compute_capability" in into.coverage) is (capability is None)


def test_what_the_driver_says_stands(derived: Any) -> None:
    told = {"vendor": "nvidia", "name": "Tesla T4", "compute_capability": "7.5", "capability_source": "driver"}
    assert dict(derived({GPU: told}).facts.of(GPU)) == {"class": ("datacenter", "table gpus")}


def test_amd_by_name(derived: Any) -> None:
    into = derived({GPU: {"vendor": "amd", "name": "AMD Instinct MI300X OAM"}})
    assert (into.facts.value(GPU, "gfx"), into.facts.value(GPU, "class")) == ("gfx942", "datacenter")
    assert into.facts.value(GPU, "compute_capability") is None


@pytest.mark.parametrize(
    ("name", "vendor"),
    [("rtx 4090", "nvidia"), ("A100", "nvidia"), ("MI300X", "amd"), ("7900 XTX", "amd"), ("X1", None)],
)
def test_the_name_tells_the_vendor(derived: Any, name: str, vendor: str | None) -> None:
    assert derived({GPU: {"name": name}}).facts.value(GPU, "vendor") == vendor


@pytest.mark.parametrize(
    ("driver", "cuda"),
    [
        ("470.256.02", "11.4"),
        ("525.60.13", "12.0"),
        ("535.104.05", "12.2"),
        ("550.54.15", "12.4"),
        ("565.57.01", "12.6"),
        ("580.95.05", "13.0"),
        ("610.99", "13.3"),
        ("460.80", "11.2"),
        ("550", None),
        ("550.54", None),
        ("418.87.00", None),
        ("9999.1", None),
        ("garbage", None),
    ],
)
def test_the_newest_cuda_of_a_driver(derived: Any, driver: str, cuda: str | None) -> None:
    into = derived({("cuda",): {"driver": driver}})
    assert into.facts.value(("cuda",), "driver_cuda") == cuda
    assert ("cuda#driver_cuda" in into.coverage) is (cuda is None)


def test_the_windows_driver_of_wsl_has_its_own_numbers(derived: Any) -> None:
    assert derived({("cuda",): {"driver": "551.61", "wsl": True}}).facts.value(("cuda",), "driver_cuda") == "12.4"


def test_an_unknown_driver_leaves_its_cuda_unknown_and_a_missing_one_does_not(derived: Any) -> None:
    assert derived({}, "cuda#driver").coverage["cuda#driver_cuda"].reason == "not read"
    assert "cuda#driver_cuda" not in derived({}).coverage


def torch(version: str, cuda: str = "12.1", **more: Any) -> dict[tuple[str, ...], dict[str, Any]]:
    return {TORCH: {"version": version, "variant": "cuda", "cuda": cuda} | more}


@pytest.mark.parametrize(
    ("version", "cuda", "oldest"),
    [
        ("2.4.1+cu121", "12.1", "5.0"),
        ("2.4.1", "12.1", "5.0"),
        ("2.8.0", "12.8", "7.0"),
        ("2.10.0", "13.0", "7.5"),
        ("2.4.0a0+07cecf4168.nv24.05", "12.4", None),
        ("2.4.1+custom", "12.1", None),
        ("2.14.1", "12.6", None),
        ("9.9.0", "12.1", None),
    ],
)
def test_targets_of_official_wheels_only(derived: Any, version: str, cuda: str, oldest: str | None) -> None:
    into = derived(torch(version, cuda) | LINUX)
    targets = into.facts.value(TORCH, "architectures")
    assert (targets[0] if targets else None) == oldest
    assert ("package/torch#architectures" in into.coverage) is (oldest is None)


@pytest.mark.parametrize(
    "other", [{"machine": "aarch64", "platform": "linux"}, {"machine": "x86_64", "platform": "win32"}]
)
def test_wheels_of_other_systems_have_no_row(derived: Any, other: dict[str, str]) -> None:
    assert derived(torch("2.4.1") | {("python",): other}).facts.value(TORCH, "architectures") is None


def test_an_unknown_machine_may_have_any_wheel(derived: Any) -> None:
    """What no wheel has code for, none has code for; the lists of x86_64 and aarch64 differ from 2.11 on."""
    targets = derived(torch("2.11.0", "12.8") | {("python",): {"platform": "linux"}}).facts.value(
        TORCH, "architectures"
    )
    assert {"7.5", "12.0"} <= set(targets)
    assert "5.0" not in targets


def test_conda_builds_have_other_targets(derived: Any) -> None:
    assert derived(torch("2.4.1", channel="pytorch") | LINUX).facts.value(TORCH, "architectures") is None


def test_what_the_files_said_stands(derived: Any) -> None:
    assert derived(torch("2.4.1", architectures=("8.0",)) | LINUX).facts.of(TORCH) == {}


@pytest.mark.parametrize(
    ("capability", "targets", "code"),
    [
        ("8.0", ("8.0",), "native"),
        ("8.9", ("8.0", "8.6"), "native"),
        ("8.0", ("8.6",), "none"),
        ("12.0", ("8.0", "9.0"), "none"),
        ("12.0", ("8.0", "9.0+PTX"), "ptx"),
        ("12.0", ("8.0", "compute_90"), "ptx"),
        ("9.0", ("9.0a",), "native"),
        ("12.1", ("12.0a",), "none"),
        ("10.3", ("10.0f",), "native"),
        ("12.0", ("9.0a+PTX",), "none"),
        ("12.1", ("12.0+PTX",), "native"),
        ("6.1", ("5.0", "6.0", "7.0"), "native"),
        ("5.2", ("7.0+PTX",), "none"),
        ("8.7", ("8.0", "8.6"), "none"),
        ("8.7", ("8.0", "8.6+PTX"), "ptx"),
        ("8.9", ("8.7",), "none"),
        ("8.0", ("rubbish",), None),
        ("8.x", ("8.0",), None),
    ],
)
def test_the_code_that_torch_has_for_a_gpu(
    derived: Any, capability: str, targets: tuple[str, ...], code: str | None
) -> None:
    into = derived(
        {GPU: {"vendor": "nvidia", "compute_capability": capability}} | torch("2.4.1", architectures=targets)
    )
    assert into.facts.value(GPU, "torch_code") == code
    assert ("gpu/0#torch_code" in into.coverage) is (code is None)


def test_a_new_gpu_by_name_and_an_old_torch_by_release(derived: Any) -> None:
    into = derived({GPU: {"name": "NVIDIA GeForce RTX 5090"}} | torch("2.4.1+cu121") | LINUX)
    assert into.facts.value(GPU, "torch_code") == "none"


@pytest.mark.parametrize(
    ("gfx", "override", "code"),
    [
        ("gfx942", None, "native"),
        ("gfx90a", None, "native"),
        ("gfx1031", None, "none"),
        ("gfx1031", "10.3.0", "native"),
    ],
)
def test_amd_targets_are_compared_whole(derived: Any, gfx: str, override: str | None, code: str) -> None:
    facts = {
        GPU: {"vendor": "amd", "gfx": gfx},
        TORCH: {"version": "2.9.0", "hip": "6.4", "architectures": ("gfx90a:xnack-", "gfx942", "gfx1030")},
        ("env", "HSA_OVERRIDE_GFX_VERSION"): {"value": override},
    }
    assert derived(facts).facts.value(GPU, "torch_code") == code


@pytest.mark.parametrize(
    "facts",
    [
        {GPU: {"vendor": "intel"}} | torch("2.4.1", architectures=("8.0",)),
        {GPU: {"vendor": "nvidia", "compute_capability": "8.0"}, TORCH: {"version": "2.4.1", "variant": "cpu"}},
        {GPU: {"vendor": "nvidia", "compute_capability": "8.0"}},
    ],
)
def test_other_makes_cpu_builds_and_no_torch_have_no_verdict(derived: Any, facts: Any) -> None:
    into = derived(facts)
    assert into.facts.value(GPU, "torch_code") is None
    assert "gpu/0#torch_code" not in into.coverage


def test_an_unknown_torch_leaves_the_code_unknown(derived: Any) -> None:
    assert derived({GPU: {"vendor": "nvidia"}}, "package").coverage["gpu/0#torch_code"].reason == "not read"


def test_without_tables_there_are_gaps_and_no_facts() -> None:
    held = Facts()
    held.put(GPU, "example", vendor="nvidia", name="Tesla T4")
    into = Derivation()
    derive(Snapshot(label="", address="", facts=held, derived=Facts(), coverage={}), {}, into)
    assert len(into.facts) == 0
    assert "gpu/0#compute_capability" in into.coverage


def test_a_driver_of_thousands_of_digits_is_unknown(derived: Any) -> None:
    assert derived({("cuda",): {"driver": "9" * 5000}}).facts.value(("cuda",), "driver_cuda") is None
