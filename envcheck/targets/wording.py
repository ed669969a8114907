"""Understands how people word versions, builds, GPUs and operating systems; what is not certain gives nothing."""

from __future__ import annotations

import re

from envcheck import versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Value

_NUMBERED = re.compile(r"v?(\d[\w.+~-]*)$")
_RANGE = re.compile(r"(^|\.)[xX](\.|$)")  # 4.x
_CUDA = re.compile(r"(?<!no )(?<!not )\bCUDA (\d+\.\d+)\b", re.IGNORECASE)
_ROCM = re.compile(r"\bROCm (\d+\.\d+(?:\.\d+)?)\b", re.IGNORECASE)
_CAPABILITY = re.compile(r"compute capability\s*[:=]?\s*(\d+\.\d)\b|\bsm_(\d{1,2})(\d)\b", re.IGNORECASE)
_GFX = re.compile(r"\bgfx[0-9a-f]{3,5}\b", re.IGNORECASE)
_COUNT = re.compile(r"(\d{1,3})\s*[x\u00d7]\s+|(\d{1,3})\s+(?=gpus?$)", re.IGNORECASE)
_MEMORY = re.compile(r"(\d{1,4})\s*Gi?B?\b", re.IGNORECASE)
_BUILD = re.compile(r"\bbuild (\w+)")
_CHANNEL = re.compile(r"^(?:the )?([\w-]+) channel$")
_MOST_GPUS = 64

# What os-release calls them (https://www.freedesktop.org/software/systemd/man/latest/os-release.html, field ID).
_SYSTEMS = {
    **{name: name for name in ("ubuntu", "debian", "alpine", "fedora", "centos", "rhel", "nixos", "manjaro", "kali")},
    **{name: name for name in ("almalinux", "gentoo", "sles", "opensuse", "raspbian", "void", "linuxmint", "photon")},
    "rocky linux": "rocky",
    "rocky": "rocky",
    "red hat enterprise linux": "rhel",
    "amazon linux": "amzn",
    "arch linux": "arch",
    "linux mint": "linuxmint",
    "oracle linux": "ol",
    "pop!_os": "pop",
    "windows": "windows",
    "macos": "macos",
    "mac os x": "macos",
    "os x": "macos",
}
_PLATFORMS = {"windows": "win32", "macos": "darwin"}
# What each system ships: https://github.com/mayeut/pep600_compliance
_GLIBC = {
    "ubuntu": {"18.04": "2.27", "20.04": "2.31", "22.04": "2.35", "24.04": "2.39"},
    "debian": {"10": "2.28", "11": "2.31", "12": "2.36", "13": "2.41"},
    "rhel": {"7": "2.17", "8": "2.28", "9": "2.34", "10": "2.39"},
    "centos": {"7": "2.17"},
    "almalinux": {"8": "2.28"},
}
_ENGINES = ("docker", "podman", "kubernetes", "singularity", "apptainer", "lxc")
_ARCHITECTURES = {"x64": "x86_64", "amd64": "x86_64", "x86-64": "x86_64", "arm64": "aarch64"}


def without_asides(text: str) -> str:
    """Return a text less what it says in parentheses."""
    return re.sub(r"\s*\([^()]*\)", "", text).strip()


def exact_version(text: str) -> str | None:
    """Return the version that a text gives, `1.13.1` of `1.13.1 (from conda-forge)`; None for ranges and prose."""
    match = _NUMBERED.match(without_asides(text))
    return match[1] if match and not _RANGE.search(match[1]) else None


def package_version(text: str) -> str | None:
    """Return the version of a distribution that a text gives; None for what PEP 440 does not know."""
    version = exact_version(text)
    try:
        return version if version and versions.key(version) else None
    except ValueError:
        return None


def build(text: str) -> dict[str, Value]:
    """Return what a package's version and the words around it tell of its build: cuda, hip, variant, build, channel.

    The local labels +cu121, +rocm6.2 and +cpu are those of https://download.pytorch.org/whl/, conda builds such as
    py3.10_cuda12.1_cudnn8.9 and cpu_py310h those of https://anaconda.org/pytorch and conda-forge.
    """
    told: dict[str, Value] = {}
    label = without_asides(text).partition("+")[2].partition(".")[0]
    if label.startswith("cu") and label[2:].isdigit() and len(label) > len("cu9"):
        told |= {"cuda": f"{label[2:-1]}.{label[-1]}", "variant": "cuda"}
    elif label.startswith("rocm"):
        told |= {"hip": without_asides(text).partition("+rocm")[2], "variant": "rocm"}
    elif label == "cpu":
        told["variant"] = "cpu"
    if cuda := _CUDA.search(text):
        told |= {"cuda": cuda[1], "variant": "cuda"}
    elif hip := _ROCM.search(text):
        told |= {"hip": hip[1], "variant": "rocm"}
    for aside in re.findall(r"\(([^()]*)\)", text):
        for words in aside.split(","):
            if found := _BUILD.search(words):
                told["build"] = found[1]
                if "cpu" in found[1].split("_"):
                    told["variant"] = "cpu"
            elif channel := _CHANNEL.match(words.strip()):
                told["channel"] = channel[1]
    return told


def toolkit(text: str) -> str | None:
    """Return the toolkit's version: given alone, or as the only `CUDA 12.4` outside of parentheses."""
    found = _CUDA.findall(without_asides(text))
    return exact_version(text) or (found[0] if len(found) == 1 else None)


def architecture(text: str) -> str:
    """Return an architecture as Linux names it."""
    return _ARCHITECTURES.get(text.lower(), text.lower())


def gpus(text: str) -> list[dict[str, Value]]:
    """Return the attributes of every GPU in a text such as `2x A10 24GB (compute capability 8.6)`; none if unclear."""
    told: dict[str, Value] = {}
    if capability := _CAPABILITY.search(text):
        told["compute_capability"] = capability[1] or f"{capability[2]}.{capability[3]}"
    if gfx := _GFX.search(text):
        told |= {"gfx": gfx[0].lower(), "vendor": "amd"}
    name = " ".join(_GFX.sub(" ", without_asides(text)).split())
    count = _COUNT.match(name)
    number = int(count[1] or count[2]) if count else 1
    name = name[count.end() :] if count else name
    words = set(name.lower().split())
    if words & {"nvidia", "geforce", "tesla", "quadro", "rtx", "gtx"}:
        told["vendor"] = "nvidia"
    elif words & {"amd", "radeon", "instinct"}:
        told["vendor"] = "amd"
    elif "intel" in words:
        told["vendor"] = "intel"
    generic = {"gpu", "gpus", "card", "cards", "amd", "nvidia", "intel"}
    rest = _MEMORY.sub("", name).lower().split()
    if not set(rest) <= generic:
        told["name"] = name
    elif memory := _MEMORY.search(name):
        told["memory"] = int(memory[1]) << 30
    known = told or (count and count[2]) or "gpu" in words
    return [dict(told) for _ in range(min(number, _MOST_GPUS))] if known else []


def operating_system(text: str) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return what a text such as `Ubuntu 20.04, docker container, glibc 2.31` tells: of the host, and of Python."""
    host: dict[str, Value] = {}
    python: dict[str, Value] = {}
    lower = without_asides(text).lower()
    if re.search(r"\bwsl\b|\bwsl2\b", lower):
        host["wsl"] = True
        python["platform"] = "linux"
    else:
        _name_system(lower, host, python)
    if found := re.match(r"linux (\d+\.[\w.-]+)", lower):
        host["kernel"] = found[1]
    if found := re.search(r"\bglibc (\d+\.\d+)\b", lower):
        host |= {"glibc": found[1], "libc": "glibc"}
    engine = next((name for name in _ENGINES if re.search(rf"\b{name}\b", lower)), None)
    if engine or re.search(r"\bcontainer\b", lower):
        host["container"] = engine or "container"
    elif "glibc" not in host and (glibc := _shipped_glibc(host, lower)):
        host |= {"glibc": glibc, "libc": "glibc"}
    if found := re.search(r"\b(arm64|aarch64|x86_64|amd64|ppc64le)\b", text.lower()):
        host["arch"] = found[1] if host.get("os") == "macos" else architecture(found[1])
    return host, python


def _shipped_glibc(host: dict[str, Value], lower: str) -> str | None:
    """Return the glibc of the one release that is named: `Debian 12.5` is 12."""
    known = _GLIBC.get(str(host.get("os")), {})
    version = str(host.get("os_version", ""))
    several = re.search(r"\bor\b|\d\s*[/+-]", lower)
    return None if several else known.get(version) or known.get(version.partition(".")[0])


def _name_system(lower: str, host: dict[str, Value], python: dict[str, Value]) -> None:
    for name, known in _SYSTEMS.items():
        found = re.match(rf"{re.escape(name)}(?![\w-])(?:\s+(\d[\d.]*))?", lower)
        if found:
            host["os"] = known
            python["platform"] = _PLATFORMS.get(known, "linux")
            if found[1]:
                host["os_version"] = found[1].rstrip(".")
            return
    if re.search(r"\blinux\b", lower):
        python["platform"] = "linux"


_UNITS = {"": 0, "b": 0, "k": 10, "m": 20, "g": 30, "t": 40}


def number(text: str, wanted: str) -> int | float | None:
    """Return what `16 GiB`, `0.5` or `4` say for a key of type bytes, number or count, None for anything else."""
    digits = text.rstrip("BbIiKkMmGgTt ")
    unit = text[len(digits) :].strip().lower()[:1] if wanted == "bytes" else ""
    if wanted != "bytes" and digits != text:
        return None
    try:
        amount = float(digits)
        whole = int(amount * (1 << _UNITS[unit]))
    except (ValueError, OverflowError, KeyError):
        return None
    return amount if wanted == "number" else whole if wanted == "bytes" or whole == amount else None
