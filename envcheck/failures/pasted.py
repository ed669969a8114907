"""What a log says of its environment: reports of tools that people paste, versions in paths, how the process ended.

Formats: torch/utils/collect_env.py of PyTorch, vllm/collect_env.py, `transformers-cli env`, `pip list`, `pip freeze`,
`conda list`, `nvidia-smi`, pip's own messages.
"""

from __future__ import annotations

import re

from envcheck.model.facts import Facts
from envcheck.requirements import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from envcheck.failures.lines import Line
    from envcheck.failures.reading import Read

_NUMBER = r"\d+(?:\.\d+)+(?:(?:a|b|rc|\.post|\.dev)\d+)*(?:\+[\w.]+)?"
_NAME = r"[A-Za-z0-9][\w.-]{0,80}"
_MANY = 3  # lines of `name==version` that make a list
_MIB = 1 << 20
_DISTRIBUTIONS = {"PyTorch": "torch", "Tensorflow": "tensorflow", "Flax": "flax", "Jax": "jax", "JaxLib": "jaxlib"}
# Of one line: a kind, an attribute, and the expression that gives its value.
_LINES = tuple(
    (entity, attribute, re.compile(text))
    for entity, attribute, text in (
        (("package", "torch"), "version", rf"(?:PyTorch|Pytorch|torch) version\W{{1,3}}({_NUMBER})"),
        (("package", "torch"), "cuda", r"CUDA used to build PyTorch: (\d+\.\d+)"),
        (("package", "torch"), "hip", r"ROCM used to build PyTorch: (\d+\.[\d.]+)"),
        (("package", "vllm"), "version", rf"vLLM (?:API server )?[Vv]ersion:? ({_NUMBER})"),
        (("python",), "version", r"(?:- )?Python version: (\d+\.\d+(?:\.\d+)?)"),
        (("host",), "os_name", r"OS: ((?!N/A)[A-Z][\w .()-]{2,60}?)(?: \((?:x86_64|aarch64|arm64)\))?$"),
        (("host",), "arch", r"(?:OS: .{1,60}\(|Architecture: +)(x86_64|aarch64|arm64)\b"),
        (("host",), "glibc", r"Libc version: glibc-(\d+\.\d+)"),
        (("host",), "glibc", r"- Platform: Linux.{1,80}glibc(\d+\.\d+)"),
        (("cuda",), "driver", r"Nvidia driver version: (\d+\.\d+(?:\.\d+)?)"),
        (("cuda",), "driver", r".{0,80}Driver Version: (\d+\.\d+(?:\.\d+)?)"),
        (("cuda",), "toolkit", r"CUDA runtime version: (?:Could not.*|(\d+\.\d+)[\d.]*)"),
        (("cuda",), "toolkit", r"Cuda compilation tools, release (\d+\.\d+)"),
        (("cudnn",), "version", r".{0,200}libcudnn\.so\.(\d+\.\d+\.\d+)$"),
        (("rocm",), "version", r"(?:ROCM|ROCm) [Vv]ersion ?: (\d+\.\d+[\d.]*)"),
    )
)
_NAMES = "NVIDIA|Tesla|GeForce|Quadro|RTX|GTX|TITAN|GRID|AMD|Radeon|[AH]\\d"
_GPU = re.compile(rf"(?:GPU models and configuration: )?GPU (\d{{1,3}}): ((?:{_NAMES})[^\n(]{{1,60}})")
_SMI_GPU = re.compile(rf"\| +(\d{{1,3}}) +((?:{_NAMES})[\w .-]{{2,60}}?)(?:\.\.\.)? +(?:On|Off|N/A|WDDM|TCC)\b")
_SMI_MEMORY = re.compile(r"\|.{5,60}?\d+MiB */ *(\d+)MiB")
_PINNED = re.compile(rf"({_NAME})==({_NUMBER}|\d+)$")
_LISTED = re.compile(rf"({_NAME}) +({_NUMBER}|\d+)(?: +\S+){{0,3}}$")
_BRACKETED = re.compile(rf"\[(?:pip\d?|conda)\] ({_NAME})(?:==| +)({_NUMBER})")
_TOLD = re.compile(rf"- `?({_NAME})`? version: ({_NUMBER})")
_INSTALLED = re.compile(rf"Successfully installed ((?:{_NAME}-\d[\w.+!]{{0,40}} ?){{1,400}})")
_HAVE = re.compile(rf"but you(?:'ll)? have ({_NAME}) ({_NUMBER})")
_PYTHON = re.compile(r"(?:[/\\]python|[Pp]ython|cpython-|\bcp)(\d)\.?(\d{1,2})(?:[/\\]|-x86|-aarch|-darwin|-win|t?-)")
_WINDOWS, _MAC = (
    re.compile(r"\b[A-Z]:\\\w|\.pyd\b|WinError|\.dll\b"),
    re.compile(r"/Users/\w|\.dylib\b|dyld|-darwin\b|macosx"),
)
_LINUX = re.compile(r"(?:/home/|/usr/|/opt/|/root/|/app/)\w|\.so\b|linux")
_CODE = re.compile(
    r"(?:exit(?:ed)?(?: with)?(?: code| status)?:? ?\(?|exitCode: |non-zero exit status |code=exited, status=)"
    r"(-?\d{1,10})\b"
)
_SIGNALS = {
    "SIGKILL": ("status=9/KILL", "Killed", "OOMKilled", "SIGKILL", "signal: killed", "signal 9"),
    "SIGSEGV": ("status=11/SEGV", "Segmentation fault", "SIGSEGV", "signal 11", "segmentation fault"),
    "SIGILL": ("status=4/ILL", "Illegal instruction", "illegal hardware instruction", "SIGILL", "signal 4"),
    "SIGABRT": ("status=6/ABRT", "Aborted", "SIGABRT", "signal 6"),
    "SIGBUS": ("status=7/BUS", "Bus error", "SIGBUS", "signal 7"),
    "SIGTERM": ("SIGTERM", "signal 15"),
}
_BY_CODE = {137: "SIGKILL", 139: "SIGSEGV", 132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 143: "SIGTERM"}


def about(seen: Read, origin: str) -> Facts:
    """Return what a log tells of itself: the kind `log`."""
    facts = Facts()
    text = "\n".join(line[1] for line in seen.lines)
    codes = [int(match[1]) for match in _CODE.finditer(text)]
    code = next((code for code in reversed(codes) if code), None)
    signal = _BY_CODE.get(code or 0) or next(
        (name for name, words in _SIGNALS.items() if any(re.search(rf"(?<!\w){word}(?!\w)", text) for word in words)),
        None,
    )
    platforms = [name for name, sign in (("win32", _WINDOWS), ("darwin", _MAC), ("linux", _LINUX)) if sign.search(text)]
    facts.put(
        ("log",),
        origin,
        lines=seen.total,
        truncated=seen.cut,
        exit_code=code,
        signal=signal,
        platform=platforms[0] if platforms else None,
    )
    return facts


def environment(seen: Read, origin: str) -> Facts:
    """Return what a log tells of the environment, each fact with its line."""
    facts = Facts()
    for name, version, number in _packages(seen.lines):
        facts.put(("package", normalise(name)), f"{origin}:{number}", version=version)
    memory: list[tuple[int, str]] = []
    for number, text, _, _ in seen.lines:
        where = f"{origin}:{number}"
        for entity, attribute, pattern in _LINES:
            match = pattern.match(text.strip())
            if match is not None and match[1]:
                facts.put(entity, where, **{attribute: match[1]})
        gpu = _GPU.match(text.strip()) or _SMI_GPU.match(text)
        if gpu is not None:
            facts.put(("gpu", gpu[1]), where, name=gpu[2].strip())
            memory.append((number, gpu[1]))
        size = _SMI_MEMORY.match(text)
        if size is not None and memory and 0 < number - memory[-1][0] <= 2:  # noqa: PLR2004  the next line of its row
            facts.put(("gpu", memory[-1][1]), where, memory=int(size[1]) * _MIB)
    _tell_python(seen.lines, origin, facts)
    return facts


def _tell_python(lines: Sequence[Line], origin: str, facts: Facts) -> None:
    """Take the version of Python from paths, where all of them say the same."""
    if facts.value(("python",), "version") is not None:
        return
    told = {f"{match[1]}.{match[2]}": number for number, text, _, _ in lines for match in _PYTHON.finditer(text)}
    told = {version: number for version, number in told.items() if version.startswith(("2.7", "3."))}
    if len(told) == 1:
        version, number = next(iter(told.items()))
        facts.put(("python",), f"{origin}:{number}", version=version)


def _packages(lines: Sequence[Line]) -> Iterator[tuple[str, str, int]]:
    """Yield name, version and line of the distributions that a log lists or names."""
    pinned: list[tuple[str, str, int]] = []
    listing = False
    for number, text, _, _ in lines:
        plain = text.strip()
        if re.match(r"Package +Version|# packages in environment|# Name +Version", plain):
            listing = True
            continue
        match = _PINNED.match(plain)
        pinned = [*pinned, (match[1], match[2], number)] if match is not None else []
        if len(pinned) >= _MANY:
            yield from pinned if len(pinned) == _MANY else pinned[-1:]
        listed = _LISTED.match(plain) if listing else None
        if listed is not None:
            yield listed[1], listed[2], number
        elif plain and not set(plain) <= {"-", " "} and not plain.startswith("#"):
            listing = False
        told = _BRACKETED.match(plain) or _TOLD.match(plain)
        if told is not None:
            yield _DISTRIBUTIONS.get(told[1], told[1]), told[2], number
        for had in _HAVE.finditer(text):
            yield had[1], had[2], number
        installed = _INSTALLED.match(plain)
        for item in installed[1].split() if installed is not None else ():
            name, _, version = item.rpartition("-")
            yield name, version, number
