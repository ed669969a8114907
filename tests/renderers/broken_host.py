"""A realistic broken host, made by hand: torch is newer than the driver, torchvision of another torch."""

from __future__ import annotations

from typing import Any

from envcheck.model.facts import COMPLETE, NOT_COLLECTED, PARTIAL, CollectorStatus, Coverage, Facts, Snapshot
from envcheck.model.policy import Waiver
from envcheck.model.reports import Evidence, Finding, Fix, Report, Undecided

PREFIX = "/srv/train/.venv"
SITE = f"{PREFIX}/lib/python3.11/site-packages"
PIP = f"{PREFIX}/bin/python -m pip install"

PACKAGES = {
    "accelerate": "1.2.1",
    "aiohttp": "3.11.11",
    "annotated-types": "0.7.0",
    "certifi": "2024.12.14",
    "charset-normalizer": "3.4.1",
    "click": "8.1.8",
    "datasets": "3.2.0",
    "dill": "0.3.8",
    "filelock": "3.16.1",
    "fsspec": "2024.9.0",
    "huggingface-hub": "0.27.1",
    "idna": "3.10",
    "jinja2": "3.1.5",
    "llvmlite": "0.41.1",
    "markupsafe": "3.0.2",
    "mpmath": "1.3.0",
    "multiprocess": "0.70.16",
    "networkx": "3.4.2",
    "numba": "0.58.1",
    "numpy": "2.2.6",
    "nvidia-cublas": "13.0.0.19",
    "nvidia-cuda-runtime": "13.0.48",
    "nvidia-cudnn-cu13": "9.13.0.50",
    "nvidia-nccl-cu13": "2.28.9",
    "packaging": "24.2",
    "pandas": "2.2.3",
    "peft": "0.14.0",
    "pillow": "11.1.0",
    "pip": "24.3.1",
    "psutil": "6.1.1",
    "pyarrow": "18.1.0",
    "pydantic": "2.10.4",
    "pydantic-core": "2.27.2",
    "python-dateutil": "2.9.0.post0",
    "pyyaml": "6.0.2",
    "regex": "2024.11.6",
    "requests": "2.32.3",
    "safetensors": "0.5.2",
    "scipy": "1.15.1",
    "setuptools": "75.8.0",
    "six": "1.17.0",
    "sympy": "1.13.3",
    "tokenizers": "0.22.1",
    "torch": "2.11.0",
    "torchvision": "0.14.0",
    "tqdm": "4.67.1",
    "transformers": "4.44.2",
    "triton": "3.6.0",
    "typing-extensions": "4.12.2",
    "urllib3": "2.3.0",
}


def metadata(name: str) -> str:
    return f"{SITE}/{name.replace('-', '_')}-{PACKAGES[name]}.dist-info/METADATA"


def sample_facts() -> Facts:
    facts = Facts()
    facts.put(
        ("python",),
        f"{PREFIX}/pyvenv.cfg",
        version="3.11.7",
        implementation="cpython",
        abi="cp311",
        kind="venv",
        manager="pip",
        prefix=PREFIX,
        base_prefix="/usr/local",
        base_present=True,
        machine="x86_64",
        platform="linux",
        distributions=len(PACKAGES),
        site_directories=(SITE,),
    )
    for name, version in PACKAGES.items():
        facts.put(("package", name), metadata(name), version=version, name=name, location=SITE)
        facts.put(("package", name), metadata(name).replace("METADATA", "INSTALLER"), installer="pip")
    facts.put(
        ("package", "torch"), f"{SITE}/torch/version.py", cuda="13.0", debug=False, git="f5d6e1c0a97c", variant="cuda"
    )
    facts.put(
        ("package", "torch"),
        f"{SITE}/torch/lib/libtorch_cuda.so",
        architectures=("7.5", "8.0", "8.6", "9.0", "10.0", "12.0", "12.0+PTX"),
    )
    facts.put(
        ("package", "transformers"),
        metadata("transformers"),
        requires=("filelock", "numpy>=1.17", "tokenizers<0.20,>=0.19", "safetensors>=0.4.1"),
        requires_python=">=3.8.0",
    )
    put_host(facts)
    return facts


def put_host(facts: Facts) -> None:
    facts.put(("cuda",), "/proc/driver/nvidia/version", driver="535.104.05", open_module=False)
    facts.put(
        ("cuda",),
        "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
        driver_library="535.104.05",
        driver_library_path="/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05",
    )
    for number, bus in enumerate(("0000:07:00.0", "0000:0f:00.0")):
        facts.put(
            ("gpu", str(number)),
            f"/proc/driver/nvidia/gpus/{bus}/information",
            name="NVIDIA A100-SXM4-80GB",
            vendor="nvidia",
            compute_capability="8.0",
            capability_source="table",
            pci=bus,
            pci_id="10de:20b2",
            numa_node=number,
        )
    facts.put(("host",), "/etc/os-release", os="ubuntu", os_version="22.04", os_name="Ubuntu 22.04.4 LTS")
    facts.put(("host",), "/proc/sys/kernel/osrelease", kernel="5.15.0-94-generic", arch="x86_64")
    facts.put(("host",), "/proc/cpuinfo", cpu="AMD EPYC 7742 64-Core Processor", cpus=64)
    facts.put(("host",), "/proc/meminfo", memory=540_976_939_008)
    facts.put(("host",), "/lib/x86_64-linux-gnu/libc.so.6", libc="glibc", glibc="2.35")
    facts.put(("host",), "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30", glibcxx="3.4.30", cxxabi="1.3.13")
    facts.put(("host",), "statvfs /dev/shm", shm=67_108_864)
    facts.put(("host",), "/proc/1/cgroup", container="docker")
    facts.put(("limit",), "/sys/fs/cgroup/memory.max", version="v2", memory=274_877_906_944)
    facts.put(("env", "CUDA_VISIBLE_DEVICES"), "environment", value="0,1")
    facts.put(("env", "HF_HOME"), "environment", value="/data/hf")


def sample_snapshot() -> Snapshot:
    derived = Facts()
    derived.put(("cuda",), "table cuda-releases", driver_cuda="12.2")
    derived.put(("requirements",), "derived", checked=187, unmet=3, undecided=1)
    entries = [
        *(Coverage(scope=kind, status=COMPLETE) for kind in ("python", "package", "cuda", "host", "limit", "env")),
        Coverage(scope="gpu", status=PARTIAL, reason="memory and MIG are told by NVML alone, which was not asked"),
        Coverage(scope="rocm", status=COMPLETE),
        Coverage(scope="conda", status=COMPLETE),
        Coverage(scope="device", status=NOT_COLLECTED, reason="/dev of the host is not visible from here"),
        Coverage(scope="package/regex#requires", status=PARTIAL, reason="METADATA ends in the middle of a header"),
    ]
    return Snapshot(
        label="train",
        address=PREFIX,
        chosen=f"{PREFIX} (Python 3.11.7), the environment that VIRTUAL_ENV names",
        collected_at="2026-01-15T09:30:00Z",
        tool="envcheck 0.1.0",
        facts=sample_facts(),
        derived=derived,
        coverage={entry.scope: entry for entry in entries},
        collectors=(
            CollectorStatus(name="distributions", outcome="partial", reason="1 METADATA is damaged"),
            CollectorStatus(name="host", outcome="ok"),
        ),
    )


def finding(number: int, **values: Any) -> Finding:
    defaults: dict[str, Any] = {
        "cause": "",
        "severity": "warning",
        "subjects": (),
        "evidence": (),
        "fixes": (),
        "sources": (),
        "fingerprint": f"{number:016x}",
        "target": "train",
    }
    return Finding(**(defaults | values))


def sample_findings() -> tuple[Finding, ...]:
    return (
        finding(
            1,
            rule="torch-cuda-newer-than-driver",
            severity="error",
            cause="cuda-driver-too-old",
            subjects=("torch", "nvidia-driver"),
            summary="torch is built for a newer CUDA than the driver runs.",
            message="torch 2.11.0 is built for CUDA 13.0, here is driver 535.104.05, which runs CUDA up to 12.2",
            why="Every CUDA major release needs a driver of its own branch or newer; with an older one the first CUDA "
            "call fails with error 35 and torch.cuda.is_available() is False.",
            evidence=(
                Evidence(key="package/torch#cuda", value="13.0", origin=f"{SITE}/torch/version.py"),
                Evidence(key="cuda#driver", value="535.104.05", origin="/proc/driver/nvidia/version"),
                Evidence(
                    key="table cuda-releases",
                    value="cuda 13.0, driver 580.65.06",
                    origin="https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html",
                ),
            ),
            fixes=(
                Fix(
                    title="run",
                    action="run",
                    commands=(
                        f"{PIP} torch==2.11.0 torchvision==0.26.0 --index-url https://download.pytorch.org/whl/cu126",
                    ),
                    text="Install the build of torch for CUDA 12.6.",
                    safety="safe",
                    tried="resolves",
                    verified=True,
                ),
                Fix(
                    title="do",
                    commands=(),
                    text="Install NVIDIA driver 580.65.06 or newer on the host, then restart it.",
                    safety="show",
                ),
            ),
            sources=(
                "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html",
                "https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html",
            ),
        ),
        finding(
            2,
            rule="torchvision-built-for-other-torch",
            severity="error",
            cause="torch-torchvision-mismatch",
            subjects=("torchvision", "torch"),
            summary="torchvision is built for another torch.",
            message="torchvision 0.14.0 is built for torch 1.13.0, here is torch 2.11.0",
            why="Its compiled operators are registered against one torch release; with another the import fails.",
            evidence=(
                Evidence(key="package/torchvision#version", value="0.14.0", origin=metadata("torchvision")),
                Evidence(key="package/torch#version", value="2.11.0", origin=metadata("torch")),
                Evidence(
                    key="table torch-releases",
                    value="torchvision 0.14.0, torch 1.13.0",
                    origin="https://github.com/pytorch/vision/blob/main/README.md",
                ),
            ),
            fixes=(
                Fix(
                    title="install torchvision 0.26.0",
                    action="install",
                    commands=(f"{PIP} torchvision==0.26.0",),
                    text="",
                    safety="safe",
                    tried="resolves",
                    verified=True,
                ),
                Fix(
                    title="install torch 1.13.0",
                    action="install",
                    commands=(f"{PIP} torch==1.13.0",),
                    text="",
                    safety="unsafe",
                    tried="resolves",
                    raises=("torch-without-numpy2", "requirement-unsatisfied"),
                ),
            ),
            sources=("https://github.com/pytorch/vision/blob/main/README.md", "package metadata of torchvision 0.26.0"),
        ),
        *requirement_findings(),
        shm_finding(),
        finding(
            8,
            rule="container-driver-capabilities",
            severity="info",
            subjects=("nvidia-driver",),
            summary="The container sees the driver of its host.",
            message="the driver 535.104.05 belongs to the host of this docker container and is updated there",
            why="A container brings its own CUDA libraries, never its own kernel module.",
            evidence=(Evidence(key="host#container", value="docker", origin="/proc/1/cgroup"),),
            sources=("https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/index.html",),
        ),
    )


def sample_waiver() -> Waiver:
    return Waiver(
        rule="requirement-unsatisfied",
        package="datasets",
        reason="streams alone, which this version of multiprocess does well",
        owner="ml-team",
        until="2026-12-31",
        ticket="ML-42",
        origin="envcheck.yaml:7",
    )


def requirement_findings() -> tuple[Finding, ...]:
    wanted = (
        ("transformers", "tokenizers", "tokenizers<0.20,>=0.19", "new", "tokenizers==0.19.1"),
        ("numba", "numpy", "numpy<1.27,>=1.22", "new", "numpy==1.26.4"),
        ("torchvision", "torch", "torch==1.13.0", "known", "torchvision==0.26.0"),
        ("datasets", "multiprocess", "multiprocess<0.70.16", "waived", "multiprocess==0.70.15"),
    )
    return tuple(
        finding(
            3 + number,
            rule="requirement-unsatisfied",
            cause="dependency-too-new",
            subjects=(asker, name),
            summary="A declared requirement is not met.",
            message=f"{asker} {PACKAGES[asker]} asks for {asked}, here is {name} {PACKAGES[name]}",
            why="The authors declare that they do not support this version. It may work all the same.",
            evidence=(
                Evidence(key=f"package/{asker}#requires", value=asked, origin=metadata(asker)),
                Evidence(key=f"package/{name}#version", value=PACKAGES[name], origin=metadata(name)),
            ),
            fixes=(
                Fix(
                    title=f"install {mend.replace('==', ' ')}",
                    action="install",
                    commands=(f"{PIP} {mend}",),
                    text="",
                    safety="safe",
                    tried="resolves",
                    verified=number == 0,
                ),
            ),
            sources=(
                "https://packaging.python.org/en/latest/specifications/core-metadata/#requires-dist-multiple-use",
            ),
            status=status,
            waiver=sample_waiver() if status == "waived" else None,
        )
        for number, (asker, name, asked, status, mend) in enumerate(wanted)
    )


def shm_finding() -> Finding:
    return finding(
        7,
        rule="shared-memory-small",
        cause="shm-too-small",
        subjects=("shm",),
        summary="/dev/shm is small for data loader workers.",  # noqa: S108
        message="/dev/shm is 64 MiB, which a data loader with workers soon fills",  # noqa: S108
        why="Workers hand tensors over through shared memory; when it is full they die with a bus error.",
        evidence=(
            Evidence(key="host#shm", value="67108864", origin="statvfs /dev/shm"),
            Evidence(key="host#container", value="docker", origin="/proc/1/cgroup"),
        ),
        fixes=(
            Fix(
                title="run",
                action="run",
                commands=("docker run --shm-size=8g IMAGE",),
                text="Start the container with a larger /dev/shm.",
                safety="show",
            ),
        ),
        sources=("https://docs.pytorch.org/docs/stable/multiprocessing.html",),
        confidence="likely",
    )


def sample_undecided() -> tuple[Undecided, ...]:
    unasked = "memory and MIG are told by NVML alone, which was not asked"
    damaged = (("package/regex#requires", "METADATA ends in the middle of a header"),)
    hidden = (("device#accessible", "/dev of the host is not visible from here"),)
    return (
        Undecided(
            rule="mig-slice-too-small",
            summary="A MIG slice is too small.",
            target="train",
            subject="gpu/0",
            missing=(("gpu/0#mig", unasked),),
        ),
        Undecided(
            rule="mig-slice-too-small",
            summary="A MIG slice is too small.",
            target="train",
            subject="gpu/1",
            missing=(("gpu/1#mig", unasked),),
        ),
        Undecided(
            rule="requirement-unsatisfied",
            summary="A declared requirement is not met.",
            target="train",
            subject="package/regex",
            missing=damaged,
        ),
        Undecided(
            rule="gpu-device-not-accessible",
            summary="This user may not open a GPU.",
            target="train",
            subject="device",
            missing=hidden,
        ),
    )


def sample_report() -> Report:
    """A host whose torch is too new for its driver, with a torchvision of another torch."""
    return Report(
        verdict="broken",
        findings=sample_findings(),
        undecided=sample_undecided(),
        snapshots=(sample_snapshot(),),
        rules=143,
        tool="envcheck 0.1.0",
    )
