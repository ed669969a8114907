"""Targets that are files: snapshots, and descriptions in people's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck import snapshots
from envcheck.errors import DocumentError, TargetError
from envcheck.model.facts import ABSENT, PARTIAL, Facts, Snapshot, Unknown
from envcheck.plainyaml import Document
from envcheck.targets import open_target
from envcheck.targets.description import describe
from envcheck.targets.saved import open_facts, open_snapshot

Known = dict[str, str | int | float | bool | tuple[str, ...]]


def described(tmp_path: Path, text: str, name: str = "facts.yaml") -> Snapshot:
    (tmp_path / name).write_text(text, encoding="utf-8")
    saved = open_facts(name, str(tmp_path), {}).saved
    assert saved is not None
    return saved


def known(snapshot: Snapshot) -> Known:
    left_out = {("package", "name"), ("unread", "path")}
    return {
        f"{'/'.join(fact.entity)}#{fact.attribute}": fact.value
        for fact in snapshot.facts
        if (fact.entity[0], fact.attribute) not in left_out
    }


def test_a_snapshot_file_is_a_target_that_collects_nothing(tmp_path: Path) -> None:
    facts = Facts()
    facts.put(("python",), "x", platform="darwin")
    saved = Snapshot(label="laptop", address=".", facts=facts, derived=Facts(), coverage={})
    (tmp_path / "s.json").write_text(snapshots.to_json(saved))
    target = open_snapshot("s.json", str(tmp_path), {})
    assert target.saved == saved
    assert (target.label, target.platform, target.live) == ("laptop", "darwin", False)
    assert target.address == f"snapshot:{tmp_path}/s.json"
    assert open_target("snapshot:s.json", cwd=str(tmp_path), environ={}).saved == saved


@pytest.mark.parametrize("opened", ["snapshot:none.json", "facts:none.yaml", "facts:."])
def test_what_cannot_be_read_is_no_target(tmp_path: Path, opened: str) -> None:
    with pytest.raises(TargetError, match="cannot be read"):
        open_target(opened, cwd=str(tmp_path), environ={})


def test_versions_keep_their_text_and_facts_their_lines(tmp_path: Path) -> None:
    snapshot = described(tmp_path, "python: 3.10\npackages:\n  torch: 2.10\n  numpy: 2\n")
    assert known(snapshot) == {"python#version": "3.10", "package/torch#version": "2.10", "package/numpy#version": "2"}
    assert snapshot.facts.get(("package", "torch"), "version") == ("2.10", "facts.yaml:3")


def test_json_keeps_versions_too(tmp_path: Path) -> None:
    snapshot = described(tmp_path, '{\n\t"python": 3.10, "packages": {"torch": 2.10}}', "facts.json")
    assert known(snapshot) == {"python#version": "3.10", "package/torch#version": "2.10"}


def test_what_is_not_mentioned_is_unknown_and_never_absent(tmp_path: Path) -> None:
    snapshot = described(tmp_path, "packages: {torch: 2.4.0, apex: absent, flash-attn: not installed}\n")
    assert isinstance(snapshot.look(("package", "numpy"), "version"), Unknown)
    assert isinstance(snapshot.look(("host",), "glibc"), Unknown)
    assert isinstance(snapshot.look(("package", "torch"), "requires"), Unknown)
    assert snapshot.look(("package", "apex"), "version") is ABSENT
    assert snapshot.look(("package", "flash-attn"), "version") is ABSENT
    assert {scope for scope in snapshot.coverage if "/" in scope and "#" not in scope} == {
        "package/apex",
        "package/flash-attn",
    }
    assert snapshot.look(("package", "torch"), "build") is ABSENT, "a plain version is the index's release"
    assert snapshot.gap("gpu") == "facts.yaml does not mention it"


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("2.1.2+cu121", {"version": "2.1.2+cu121", "cuda": "12.1", "variant": "cuda"}),
        ("1.13.1+cu92", {"version": "1.13.1+cu92", "cuda": "9.2", "variant": "cuda"}),
        ("2.9.0+cu130", {"version": "2.9.0+cu130", "cuda": "13.0", "variant": "cuda"}),
        ("2.4.0+rocm6.1", {"version": "2.4.0+rocm6.1", "hip": "6.1", "variant": "rocm"}),
        ("2.2.2+cpu", {"version": "2.2.2+cpu", "variant": "cpu"}),
        ("2.1.2 (built from source)", {"version": "2.1.2"}),
        ("1.8 (CUDA 11.1)", {"version": "1.8", "cuda": "11.1", "variant": "cuda"}),
        ("0.13.1 (pytorch channel)", {"version": "0.13.1", "channel": "pytorch"}),
        (
            "1.13.1 (build cpu_py38h92724a6_0, not from the pytorch channel)",
            {"version": "1.13.1", "build": "cpu_py38h92724a6_0", "variant": "cpu"},
        ),
        ("0.2.23post1 (as reported)", {"version": "0.2.23post1"}),
        ("v2.4.0", {"version": "2.4.0"}),
    ],
)
def test_the_words_around_a_version(tmp_path: Path, version: str, told: Known) -> None:
    snapshot = described(tmp_path, f"packages: {{torch: '{version}'}}")
    assert known(snapshot) == {f"package/torch#{attribute}": value for attribute, value in told.items()}
    assert not [scope for scope, entry in snapshot.coverage.items() if "/" in scope and entry.status == PARTIAL]


@pytest.mark.parametrize(
    "version",
    ["4.x", "nightly", "main of August 2025", "older than 1.4", "x86_64 build", ">=2.0", "2.1.2 or so", "any"],
)
def test_what_is_no_exact_version_leaves_it_unknown_with_the_reason(tmp_path: Path, version: str) -> None:
    snapshot = described(tmp_path, f"packages: {{protobuf: '{version}'}}")
    assert ("package", "protobuf") in snapshot.facts
    look = snapshot.look(("package", "protobuf"), "version")
    assert isinstance(look, Unknown)
    assert look.reason == ("given without a version" if version == "any" else f"given as {version}")


def test_packages_as_list_mapping_and_under_their_conda_name(tmp_path: Path) -> None:
    text = "packages:\n- torch==2.4.0\n- Typing_Extensions==4.1\n- numpy\n"
    assert known(described(tmp_path, text)) == {
        "package/torch#version": "2.4.0",
        "package/typing-extensions#version": "4.1",
    }
    text = "packages: {pytorch: {version: 2.4.0, requires: ['numpy<2; python_version < \"3.12\"'], debug: no}}"
    assert known(described(tmp_path, text)) == {
        "package/torch#version": "2.4.0",
        "package/torch#requires": ('numpy<2; python_version < "3.12"',),
        "package/torch#debug": False,
    }


@pytest.mark.parametrize(
    ("gpu", "told"),
    [
        (
            "GeForce RTX 50 series (compute capability 12.0)",
            [{"name": "GeForce RTX 50 series", "vendor": "nvidia", "compute_capability": "12.0"}],
        ),
        ("[RTX 4090, H200]", [{"name": "RTX 4090", "vendor": "nvidia"}, {"name": "H200"}]),
        (
            "2x A10 24GB (compute capability 8.6)",
            [{"name": "A10 24GB", "compute_capability": "8.6"}, {"name": "A10 24GB", "compute_capability": "8.6"}],
        ),
        ("Radeon RX 5700 XT (gfx1010)", [{"name": "Radeon RX 5700 XT", "vendor": "amd", "gfx": "gfx1010"}]),
        ("AMD gfx803", [{"vendor": "amd", "gfx": "gfx803"}]),
        ("8 GB card", [{"memory": 8 << 30}]),
        ("A100 (sm_80)", [{"name": "A100", "compute_capability": "8.0"}]),
        ("{name: L4, memory: 24 GiB}", [{"name": "L4", "memory": 24 << 30}]),
    ],
)
def test_gpus(tmp_path: Path, gpu: str, told: list[Known]) -> None:
    snapshot = described(tmp_path, f"gpu: {gpu}")
    assert known(snapshot) == {
        f"gpu/{number}#{attribute}": value for number, one in enumerate(told) for attribute, value in one.items()
    }


def test_a_package_for_a_cuda_is_a_cuda_build(tmp_path: Path) -> None:
    text = "packages: {torch: 2.6.0+cpu, torchvision: 0.21.0}\npackage/torchvision#cuda: 12.4"
    told = described(tmp_path, text).facts
    assert told.get(("package", "torchvision"), "variant") == ("cuda", "facts.yaml:2")
    assert told.value(("package", "torch"), "variant") == "cpu"


def test_described_gpus_are_all_there_are_and_not_told_whole(tmp_path: Path) -> None:
    snapshot = described(tmp_path, "gpus: [RTX 4090, {name: L4}]")
    assert snapshot.gap("gpu") is None
    assert snapshot.look(("gpu", "2"), "name") is ABSENT
    for number in "01":
        assert isinstance(snapshot.look(("gpu", number), "memory"), Unknown)
    assert described(tmp_path, "gpus: [RTX 4090, card]").gap("gpu") == "not understood whole"


@pytest.mark.parametrize("driver", ["450", "525", "525.60", "580", "580.65"])
def test_a_branch_does_not_tell_whether_the_driver_runs_a_cuda_major(tmp_path: Path, driver: str) -> None:
    snapshot = described(tmp_path, f"cuda_driver: '{driver}'")
    told = snapshot.look(("cuda",), "driver")
    assert isinstance(told, Unknown)
    assert told.reason == f"given as {driver}; the full version decides"


@pytest.mark.parametrize("driver", ["535", "550.54", "580.95", "525.60.13"])
def test_other_drivers_are_as_they_are_given(tmp_path: Path, driver: str) -> None:
    assert described(tmp_path, f"cuda_driver: '{driver}'").facts.value(("cuda",), "driver") == driver


def test_no_gpu_is_absence_and_one_of_no_name_is_there(tmp_path: Path) -> None:
    assert described(tmp_path, "gpu: none").gap("gpu") is None
    assert described(tmp_path, "gpu: 1 GPU").entities("gpu") == [("gpu", "0")]


@pytest.mark.parametrize(
    ("system", "told"),
    [
        ("Ubuntu 22.10", {"host#os": "ubuntu", "host#os_version": "22.10", "python#platform": "linux"}),
        ("Ubuntu 22.04 or 24.04", {"host#os": "ubuntu", "host#os_version": "22.04", "python#platform": "linux"}),
        (
            "Debian 12.5",
            {
                "host#os": "debian",
                "host#os_version": "12.5",
                "python#platform": "linux",
                "host#glibc": "2.36",
                "host#libc": "glibc",
            },
        ),
        (
            "Ubuntu 20.04, docker container",
            {"host#os": "ubuntu", "host#os_version": "20.04", "python#platform": "linux", "host#container": "docker"},
        ),
        (
            "Linux 6.14, glibc 2.39",
            {"host#kernel": "6.14", "host#glibc": "2.39", "host#libc": "glibc", "python#platform": "linux"},
        ),
        ("RHEL", {"host#os": "rhel", "python#platform": "linux"}),
        ("RHEL-like Linux (venv)", {"python#platform": "linux"}),
        ("Pop!_OS", {"host#os": "pop", "python#platform": "linux"}),
        ("Windows 11 IoT LTSC", {"host#os": "windows", "host#os_version": "11", "python#platform": "win32"}),
        ("Windows with WSL2", {"host#wsl": True, "python#platform": "linux"}),
        (
            "macOS 11.0.1, MacBook Air M1 (arm64)",
            {"host#os": "macos", "host#os_version": "11.0.1", "python#platform": "darwin", "host#arch": "arm64"},
        ),
        ("Colab, May 2025", {"unread/os#problem": "not understood: Colab, May 2025"}),
    ],
)
def test_operating_systems(tmp_path: Path, system: str, told: Known) -> None:
    assert known(described(tmp_path, f"os: {system}")) == told


def test_cuda_and_the_host(tmp_path: Path) -> None:
    text = """\
cuda_driver: '460.80'
cuda_toolkit: image with CUDA 11.3 (nvidia-smi shows CUDA 11.2)
cudnn: 9.2
rocm: 5.7.1
arch: x64
glibc: 2.31
cpu_flags: sse sse2 avx (no avx2)
memory: 64 GB
pip: 21.3.1
"""
    assert known(described(tmp_path, text)) == {
        "cuda#driver": "460.80",
        "cuda#toolkit": "11.3",
        "cudnn#version": "9.2",
        "rocm#version": "5.7.1",
        "host#arch": "x86_64",
        "host#glibc": "2.31",
        "host#cpu_flags": ("sse", "sse2", "avx"),
        "host#memory": 64 << 30,
        "package/pip#version": "21.3.1",
    }


def test_full_keys_and_nested_kinds(tmp_path: Path) -> None:
    text = """\
package/torch#cuda: '12.1'
package/torch: 2.4.0
host: {os: ubuntu, shm: 64MiB, wsl: false, cpus: 8}
gpu/0#compute_capability: 8.0
limit: {cpus: 1.5}
package/apex#cuda: absent
"""
    snapshot = described(tmp_path, text)
    assert known(snapshot) == {
        "package/torch#cuda": "12.1",
        "package/torch#variant": "cuda",
        "package/torch#version": "2.4.0",
        "host#os": "ubuntu",
        "host#shm": 64 << 20,
        "host#wsl": False,
        "host#cpus": 8,
        "gpu/0#compute_capability": "8.0",
        "limit#cpus": 1.5,
    }
    assert snapshot.look(("package", "apex"), "cuda") is ABSENT
    assert isinstance(snapshot.look(("package", "apex"), "version"), Unknown)


def test_variables_and_settings_are_flat_and_their_secrets_hidden(tmp_path: Path) -> None:
    text = "env: {CUDA_VISIBLE_DEVICES: 0, HF_TOKEN: abc}\nconfig: {app: {db: {password: abc, pools: [5, 1.10]}}}\n"
    facts = known(described(tmp_path, text))
    assert facts["env/CUDA_VISIBLE_DEVICES#value"] == "0"
    assert facts["config/app#db.pools.1"] == "1.10"
    assert "abc" not in str(facts)


def test_the_project_key_serves(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("env: {HF_TOKEN: abc}")
    saved = open_facts("f.yaml", str(tmp_path), {"ENVCHECK_KEY": "k"}).saved
    assert saved is not None
    assert str(saved.facts.value(("env", "HF_TOKEN"), "value")).startswith("hmac-sha256:")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("note: after a reboot", "note"),
        ("cuda: 12.1", "cuda"),
        ("kubernetes: '1.16'", "kubernetes"),
        ("cuda_toolkit: latest (11.2), cudnn-10.2", "cuda_toolkit"),
        ("packages: some", "packages"),
        ("packages: {'note: raised on import': ''}", "package note: raised on import"),
        ("host#cpus: many", "host#cpus"),
        ("host#nonsense: 1", "host#nonsense"),
        ("gpu:", "gpu"),
        ("gpu: {name: [a]}", "gpu/0#name"),
        ("toolkit: 12.1", "toolkit"),
        ("python: 3.x", "python"),
        ("env: [A=1]", "env"),
        ("host#memory: 1e999GB", "host#memory"),
    ],
)
def test_what_is_not_understood_is_kept(tmp_path: Path, text: str, key: str) -> None:
    snapshot = described(tmp_path, text)
    assert snapshot.facts.entities("unread") == [("unread", key)]
    assert str(snapshot.facts.value(("unread", key), "problem")).startswith("not understood")
    assert len(snapshot.facts) == 2


@pytest.mark.parametrize(
    ("name", "data", "line", "says"),
    [
        ("f.yaml", b"a: 1\nb: [\n", ":3", "not valid YAML"),
        ("f.yaml", b"- torch\n", ":1", "not a mapping"),
        ("f.yaml", b"", ":1", "not a mapping"),
        ("f.yaml", b"a: 1\n---\nb: 1\n", ":1", "more than one document"),
        ("f.yaml", b"a: 1\nb: \xff\n", ":2", "not UTF-8"),
        ("f.yaml", b"a: 1\na: 2\n", ":2", "stands twice"),
        ("f.yaml", b"[" * 100_000, "", "nested too deeply"),
        ("f.yaml", b"a: " + b"x" * (1 << 20), "", "larger than 1 MiB"),
        ("f.json", b'{"a": 1,\n"b" 2}', ":2", "not valid JSON"),
        ("f.json", b'{"a":' * 100_000, "", "nested too deeply"),
        ("f.yaml", b"schema: 1\nfacts: []\ncoverage: []\n", "", "this is a snapshot"),
    ],
)
def test_what_is_no_description_says_where(tmp_path: Path, name: str, data: bytes, line: str, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        open_facts(name, str(tmp_path), {})
    assert says in caught.value.message
    assert caught.value.where in (f"{tmp_path}/{name}{line}", f"{tmp_path}/{name}{line.replace('3', '2')}")
    assert caught.value.hint


words = st.text(max_size=12) | st.sampled_from(["torch", "python", "gpu", "os", "config", "env", "host", "cuda#driver"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(words | st.just("packages"), values, max_size=4))
def test_any_mapping_gives_a_snapshot_that_can_be_saved(data: dict[str, object]) -> None:
    facts, coverage = describe(Document(data=data, lines={(): 1}), "x", None)
    snapshot = Snapshot(label="x", address="x", facts=facts, derived=Facts(), coverage=coverage)
    assert snapshots.from_json(snapshots.to_json(snapshot).encode(), "x") == snapshot
