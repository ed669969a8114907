"""Conda packages by what names them, specifications and addresses; and the Python distributions that they are."""

from __future__ import annotations

import re
from urllib.parse import unquote

from envcheck.locks.declaration import pinned, plain_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.locks.declaration import Reading

_SPEC = re.compile(
    r"(?:(?P<channel>[^\s=<>!~\[\]]+)::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<rest>[=<>!~ ].*)?(?:\[(?P<keys>.*)\])?"
)
_LONGEST = 1000  # characters
_WHOLE = 3  # parts of a release from which on `=1.26.4` is one version: `conda env export` writes them so
# The builds of Python packages: py311h…, py3.11_cuda12.1_…, pyhd8ed1ab_0, py_0, py39_1.
_PYTHON_BUILD = re.compile(r"(?:^|_)py(?:\d|h|_|$)|(?:^|_)pyh[0-9a-f]")
# Conda packages under another name than their distribution, and such as are none; https://github.com/conda-forge/ has a
# feedstock of each: pytorch-cpu-feedstock, matplotlib-feedstock, dask-core-feedstock, msgpack-python-feedstock.
_DISTRIBUTIONS = {
    "pytorch": "torch",
    "pytorch-gpu": "",
    "pytorch-cpu": "",
    "matplotlib-base": "matplotlib",
    "dask-core": "dask",
    "msgpack-python": "msgpack",
}
# environment.yml names packages and does not tell which are Python's. Libraries, compilers, toolkits and programs are
# told by their names; all others are taken for Python distributions.
_NOT_PYTHON = re.compile(
    r"_.*|lib(?!cst|rosa|sass|tmux).*|cuda.*|(?:cudnn|nccl|cutensor|mkl|intel-openmp|llvm-openmp|openmp|tbb|blas|openblas)"
    r"|r-.*|r|perl.*|ruby|rust|go|java.*|openjdk|nodejs|m2w?64?-.*|xorg-.*|font.*|.*_(?:linux|osx|win)-.*|ld_impl.*"
    r"|(?:c|cxx|fortran)?-?compiler(?:s|-rt)?|gcc.*|gxx.*|gfortran.*|clang.*|llvm(?!lite).*|binutils.*|make|cmake|ninja|git|git-lfs|curl|wget"
    r"|openssl|ca-certificates|bzip2|xz|zlib|zstd|lz4-c|readline|ncurses|sqlite|tk|tzdata|ffmpeg|hdf5|jpeg|openjpeg"
    r"|freetype|icu|boost|boost-cpp|eigen|protobuf-cpp|openmpi|mpich|mpi|ucx|python|python_abi|pytorch-cuda"
    r"|pytorch-mutex|cpuonly|ripgrep|tmux|vim|bash|nvcc.*|sysroot.*|kernel-headers.*"
)


def spec(written: str) -> tuple[str, str, str, str, str]:
    """Return name, exact version, specifier, build and channel of a conda specification; no name for what is none."""
    found = _SPEC.fullmatch(written.strip()) if len(written) < _LONGEST else None
    if found is None:
        return "", "", "", "", ""
    name, rest = found["name"].lower(), (found["rest"] or "").strip()
    keys = dict(re.findall(r"(\w+)\s*=\s*['\"]?([^'\",\]]+)", found["keys"] or ""))
    wanted, build = keys.get("version", rest), keys.get("build", "")
    if rest and " " in rest and rest[0] not in "<>=!~":
        wanted, _, build = rest.partition(" ")  # name version build
    elif re.fullmatch(r"={1,2}[^=,|<>]+={1,2}[^=,|<>]+", rest):
        wanted, build = rest.rsplit("=", 1)
        wanted = "==" + wanted.strip("=")
    wanted = wanted.replace(" ", "")
    version = _exact(wanted)
    channel = (found["channel"] or keys.get("channel", "")).rpartition("/")[2]
    return name, version, "" if version else wanted, "" if "*" in build else build, channel


def _exact(wanted: str) -> str:
    """Return the one version that is asked for: `==1.26.4`, `=1.26.4`, `1.26.4` with a build, not `=1.26`."""
    if pinned(wanted):
        return pinned(wanted) if "," not in wanted and "|" not in wanted else ""
    plain = wanted.removeprefix("=")
    alone = plain and not any(sign in plain for sign in "<>=!~,|*")
    return plain if alone and (plain.count(".") + 1 >= _WHOLE) else ""


def of_address(url: str) -> tuple[str, str, str]:
    """Return name, version and build of a conda file's address, empty texts for any other."""
    file = unquote(url.partition("#")[0].partition("?")[0].rpartition("/")[2])
    for end in (".conda", ".tar.bz2"):
        if file.endswith(end) and file.count("-") > 1:
            name, version, build = file.removesuffix(end).rsplit("-", 2)
            return name, version, build
    return "", "", ""


def channel_of(url: str) -> str:
    """Return the channel of a conda file's address, without host, token and platform."""
    parts = plain_url(url).partition("://")[2].split("/")[1:-2]
    return "/".join(parts[2:] if parts[:1] == ["t"] else parts)


def take_spec(written: str, line: int, reading: Reading) -> None:
    """Take what a conda specification asks for; Python is one of them."""
    name, version, specifier, build, channel = spec(written)
    if not name:
        reading.leave(written, "not a conda package", line)
        return
    if name == "python":
        reading.ask_python(version or specifier, line)
    add_conda(name, line, reading, version=version, specifier=specifier, build=build, channel=channel)


def add_conda(name: str, line: int, reading: Reading, *, python: bool = False, **values: Any) -> None:
    """Take a package of conda's, and the Python distribution that it is, as far as its build or its name tells."""
    reading.add(name, line, kind="conda", **values)
    distribution = _DISTRIBUTIONS.get(name, name)
    build = str(values.get("build", ""))
    told = python or bool(_PYTHON_BUILD.search(build)) if build or python else not _NOT_PYTHON.fullmatch(name)
    if told and distribution and name not in ("python", "python_abi"):
        reading.add(distribution, line, **values)
