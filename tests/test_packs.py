"""The shipped packs: every example holds, causes are of the vocabulary, and machines in order raise nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from envcheck import examples
from envcheck.derive import derive
from envcheck.engine.judge import evaluate
from envcheck.engine.load import load
from envcheck.model.reports import SUSPECTED, Finding
from envcheck.model.rules import ERROR, FAILURE, INFO, WARNING, Rulebook

ROOT = Path(__file__).parent.parent

TORCH = {
    "package/torch": "2.8.0",
    "package/torch#variant": "cuda",
    "package/torch#cuda": "12.8",
    "package/torchvision": "0.23.0",
    "package/torchaudio": "2.8.0",
    "package/numpy": "2.2.6",
}
LINUX = {
    "python": "3.12.3",
    "python#kind": "venv",
    "python#base_present": True,
    "python#platform": "linux",
    "python#abi": "cp312",
    "python#machine": "x86_64",
    "host#arch": "x86_64",
    "host#libc": "glibc",
    "host#glibc": "2.39",
    "host#cpu_flags": ["sse2", "avx", "avx2"],
    "host#overcommit": 0,
    "host#max_map_count": 65530,
    "host#iommu_groups": 0,
    "limit#open_files": 1024,
    "disk/cache#free": "80GiB",
    "disk/cache#read_only": False,
    "disk/site-packages#free": "80GiB",
}
H100 = {
    "cuda#driver": "570.124.06",
    "cuda#driver_library": "570.124.06",
    "gpu/0#name": "NVIDIA H100 80GB HBM3",
    "gpu/0#vendor": "nvidia",
    "gpu/0#compute_capability": "9.0",
    "gpu/0#driver_bound": "nvidia",
    "device/%2Fdev%2Fnvidiactl#accessible": True,
}
# What is in order must stay quiet: a false alarm costs more than a miss.
IN_ORDER: dict[str, dict[str, object]] = {
    "no torch at all": {**LINUX, "package/requests": "2.32.3"},
    "cuda wheels and no gpu": {**LINUX, **TORCH},
    "cuda wheels on an h100": {**LINUX, **TORCH, **H100},
    "cuda 12 wheels on a driver of cuda 13": {
        **LINUX,
        **TORCH,
        **H100,
        "cuda#driver": "580.95.05",
        "cuda#driver_library": "580.95.05",
    },
    "local parts": {**LINUX, **TORCH, "package/torch": "2.8.0+cu128", "package/torchvision": "0.23.0+cu128"},
    "cpu wheels": {
        **LINUX,
        "package/torch": "2.8.0+cpu",
        "package/torch#variant": "cpu",
        "package/torchvision": "0.23.0+cpu",
        "package/torchaudio": "2.8.0+cpu",
    },
    "rocm wheels": {
        **LINUX,
        "package/torch": "2.8.0+rocm6.4",
        "package/torch#variant": "rocm",
        "package/torch#hip": "6.4.43482",
        "package/torchvision": "0.23.0+rocm6.4",
        "rocm": "6.4.1",
        "gpu/0#vendor": "amd",
        "gpu/0#gfx": "gfx942",
        "gpu/0#torch_code": "native",
        "device/%2Fdev%2Fkfd#accessible": True,
    },
    "macos": {
        "python": "3.12.3",
        "python#kind": "venv",
        "python#base_present": True,
        "python#platform": "darwin",
        "python#machine": "arm64",
        "host#os": "macos",
        "package/torch": "2.8.0",
        "package/torch#variant": "cpu",
        "package/torch#tags": ["cp312-cp312-macosx_11_0_arm64"],
        "package/torchvision": "0.23.0",
        "package/opencv-python": "4.12.0.88",
    },
    "conda": {
        **LINUX,
        **TORCH,
        "python#kind": "conda",
        "package/torch#channel": "conda-forge",
        "package/torch#build": "cuda126_mkl_py312_h30b5a27_300",
        "package/opencv-python": "4.12.0.88",
    },
    "nightly": {
        **LINUX,
        **TORCH,
        "package/torch": "2.10.0.dev20251101+cu128",
        "package/torchvision": "0.25.0.dev20251101+cu128",
        "package/torchaudio": "2.10.0.dev20251101+cu128",
    },
    "source build of a vendor": {
        **LINUX,
        "package/torch": "2.6.0a0+ecf3bae40a.nv25.1",
        "package/torch#variant": "cuda",
        "package/torch#cuda": "12.8",
        "package/torchvision": "0.20.0a0",
    },
    "post releases": {
        **LINUX,
        "package/numpy": "2.0.2",
        "package/pandas": "2.2.2.post1",
        "package/torch": "2.4.0.post1",
    },
    "wsl": {**LINUX, **TORCH, "cuda#wsl": True, "cuda#driver_library": "572.61", "gpu/0#vendor": "nvidia"},
    "forward compatibility in a data centre": {
        **LINUX,
        **H100,
        "package/torch": "2.11.0",
        "package/torch#variant": "cuda",
        "package/torch#cuda": "13.0",
        "cuda#driver": "550.54.15",
        "cuda#driver_library": "580.65.06",
        "cuda#compat": "580.65.06",
        "cuda#compat_active": True,
        "gpu/0#class": "datacenter",
    },
    "jax": {
        **LINUX,
        **H100,
        "package/jax": "0.8.2",
        "package/jaxlib": "0.8.2",
        "package/jax-cuda12-plugin": "0.8.2",
        "package/numpy": "2.2.6",
    },
}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    paths = sorted((ROOT / "rules").rglob("*.yaml"))
    return load((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths)


def findings(rulebook: Rulebook, facts: dict[str, object]) -> list[Finding]:
    """Return what the shipped rules find in facts of which no other is there."""
    return evaluate(derive(examples.describe(facts, ()), rulebook.tables), rulebook)[0]


def test_every_example_holds(rulebook: Rulebook) -> None:
    assert not [f"{one.rule} {one.number}: {one.wanted}, got {one.got}" for one in examples.run(rulebook)]


def test_there_are_the_promised_rules(rulebook: Rulebook) -> None:
    assert len(rulebook.rules) >= 75


@pytest.mark.parametrize("machine", IN_ORDER)
def test_a_machine_in_order_raises_nothing(rulebook: Rulebook, machine: str) -> None:
    raised = findings(rulebook, IN_ORDER[machine])
    assert not [(one.rule, one.message) for one in raised if one.severity in (WARNING, ERROR)]


def test_causes_are_of_the_vocabulary(rulebook: Rulebook) -> None:
    page = (ROOT / "docs" / "causes.md").read_text(encoding="utf-8")
    assert not [rule.id for rule in rulebook.rules if rule.cause and f"| `{rule.cause}` |" not in page]


def test_errors_name_a_cause(rulebook: Rulebook) -> None:
    assert not [
        rule.id for rule in rulebook.rules if rule.scope == "snapshot" and rule.severity == ERROR and not rule.cause
    ]


def test_what_a_fix_installs_is_proven_by_an_example(rulebook: Rulebook) -> None:
    installs = [
        rule
        for rule in rulebook.rules
        if rule.scope != FAILURE and any(fix.action in ("install", "uninstall") for fix in rule.fixes)
    ]
    assert not [rule.id for rule in installs if all(example.after is None for example in rule.examples)]


def test_the_least_invasive_fix_comes_first(rulebook: Rulebook) -> None:
    order = ("safe", "unsafe", "show")
    for rule in rulebook.rules:
        ranks = [order.index(fix.safety) for fix in rule.fixes]
        assert ranks == sorted(ranks), rule.id


def test_no_row_of_medium_confidence_raises_an_error(rulebook: Rulebook) -> None:
    raised = findings(rulebook, {"package/numpy": "2.0.2", "package/opencv-python": "4.9.0.80", "python": "3.11.7"})
    assert [(one.rule, one.severity) for one in raised if one.severity != INFO] == [
        ("package-built-for-numpy-1", WARNING)
    ]


def test_tables_name_their_sources(rulebook: Rulebook) -> None:
    for table in rulebook.tables.values():
        assert table.sources, table.name
        assert all(row.get("confidence") in (None, "high", "medium") for row in table.rows), table.name


def fixes(rulebook: Rulebook, rule: str, facts: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what the fixes of one rule's only finding install, and from which index."""
    (finding,) = (one for one in findings(rulebook, dict(facts)) if one.rule == rule)
    return [(fix.argument, fix.index) for fix in finding.fixes if fix.action == "install"]


@pytest.mark.parametrize(
    ("tag", "index"),
    [
        ("", ""),
        ("+cpu", "https://download.pytorch.org/whl/cpu"),
        ("+cu118", "https://download.pytorch.org/whl/cu118"),
        ("+rocm6.4", "https://download.pytorch.org/whl/rocm6.4"),
    ],
)
def test_a_companion_comes_from_the_index_of_what_stays(rulebook: Rulebook, tag: str, index: str) -> None:
    vision = {"package/torch": f"2.6.0{tag}", "package/torchvision": "0.20.1"}
    assert fixes(rulebook, "torchvision-built-for-other-torch", vision) == [
        ("torchvision==0.21.0", index),
        ("torch==2.5.1", ""),
    ]
    audio = {"package/torch": "2.6.0", "package/torchaudio": f"2.5.1{tag}"}
    assert fixes(rulebook, "torchaudio-built-for-other-torch", audio) == [
        ("torchaudio==2.6.0", ""),
        ("torch==2.5.1", index),
    ]


def test_a_build_that_no_index_holds_has_no_companion_to_install(rulebook: Rulebook) -> None:
    facts = {"package/torch": "2.6.0+gitabc", "package/torchvision": "0.20.1"}
    assert fixes(rulebook, "torchvision-built-for-other-torch", facts) == [("torch==2.5.1", "")]


def test_another_build_of_the_same_version_is_asked_for_by_its_tag(rulebook: Rulebook) -> None:
    facts = {"package/torch": "2.11.0", "package/torch#cuda": "13.0", "cuda#driver": "550.54.15"}
    assert fixes(rulebook, "driver-older-than-cuda-major-of-torch", facts) == [
        ("torch==2.11.0+cu128", "https://download.pytorch.org/whl/cu128")  # pip keeps 2.11.0 where 2.11.0 is asked for
    ]


def test_the_folders_of_the_system_are_left_to_the_system(rulebook: Rulebook) -> None:
    twice = {
        "python#externally_managed": True,
        "package/six": "1.16.0",
        "copy/six/1#version": "1.15.0",
        "copy/six/1#same_directory": True,
        "copy/six/1#location": "/usr/lib/python3/dist-packages",
    }
    (finding,) = findings(rulebook, twice)
    assert (finding.severity, [fix.safety for fix in finding.fixes]) == (INFO, ["show"])
    assert not findings(rulebook, {**twice, "copy/six/1#version": "1.16.0"})


# What a person writes down has no build, location or tags of any package.
KNOWN_BY_VERSIONS_ALONE = {
    "numpy-outside-of-numba-range": {"package/numba": "0.59.0", "package/numpy": "2.0.2"},
    "package-built-for-numpy-1": {"package/pandas": "2.1.4", "package/numpy": "2.0.2"},
    "torchaudio-built-for-other-torch": {"package/torch": "2.6.0", "package/torchaudio": "2.5.1"},
    "torchvision-built-for-other-torch": {"package/torch": "2.6.0", "package/torchvision": "0.20.1"},
    "uses-removed-name": {"package/gensim": "4.1.2", "package/scipy": "1.14.0"},
    "vllm-built-for-other-torch": {"package/vllm": "0.12.0", "package/torch": "2.8.0"},
}


@pytest.mark.parametrize("rule", KNOWN_BY_VERSIONS_ALONE)
def test_what_two_versions_tell_is_suspected_where_nothing_else_is_known(rulebook: Rulebook, rule: str) -> None:
    facts = KNOWN_BY_VERSIONS_ALONE[rule]
    unknown = (f"{name}#{attribute}" for name in facts for attribute in ("build", "editable", "location", "tags"))
    raised = evaluate(derive(examples.describe(dict(facts), tuple(unknown)), rulebook.tables), rulebook)[0]
    assert [one.confidence for one in raised if one.rule == rule] == [SUSPECTED]
