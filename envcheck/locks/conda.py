"""Conda's files: environment.yml, conda-lock.yml and explicit lists of addresses.

https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html ·
https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html ·
conda/conda-lock:conda_lock/lockfile/v1/models.py
"""

from __future__ import annotations

from envcheck.formats import yaml_text
from envcheck.formats.tree import FormatError
from envcheck.locks import requirements
from envcheck.locks.conda_packages import add_conda, channel_of, of_address, take_spec
from envcheck.locks.declaration import Reading, items, mapping, plain_url, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.formats.tree import Node
    from envcheck.locks.declaration import Declaration

# https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/packages.html (subdirs)
_PLATFORMS = {
    "linux-64": "sys_platform == 'linux' and platform_machine == 'x86_64'",
    "linux-aarch64": "sys_platform == 'linux' and platform_machine == 'aarch64'",
    "linux-ppc64le": "sys_platform == 'linux' and platform_machine == 'ppc64le'",
    "osx-64": "sys_platform == 'darwin' and platform_machine == 'x86_64'",
    "osx-arm64": "sys_platform == 'darwin' and platform_machine == 'arm64'",
    "win-64": "sys_platform == 'win32' and platform_machine == 'AMD64'",
}


def read_environment(source: str) -> Declaration:
    """Return what an environment.yml declares; raises FormatError."""
    root = mapping(yaml_text.read(source).root)
    if "dependencies" not in root:
        raise FormatError("an environment.yml has a list of dependencies", 1)
    reading = Reading()
    for item in items(root["dependencies"]):
        if isinstance(item.held, str):
            take_spec(item.held, item.line, reading)
        elif pip := mapping(item).get("pip"):
            for wanted in items(pip):
                told = requirements.read(text(wanted))
                reading.adopt(told, wanted.line)
                reading.includes += [one.replace(line=wanted.line) for one in told.includes]
        else:
            reading.leave("dependencies", "an entry is neither a text nor a list under pip", item.line)
    for name, node in mapping(root.get("variables")).items():
        reading.variables.append((name, text(node), node.line))
    return reading.done()


def read_lock(source: str) -> Declaration:
    """Return what a conda-lock.yml declares, of either format; raises FormatError."""
    root = mapping(yaml_text.read(source).root)
    if "package" not in root:
        raise FormatError("a conda-lock.yml has a list of packages", 1)
    reading = Reading()
    platforms = set(texts(mapping(root.get("metadata")).get("platforms")))
    by_name: dict[tuple[str, str], set[str]] = {}
    for node in items(root["package"]):
        held = mapping(node)
        by_name.setdefault(_identity(held), set()).add(text(held.get("platform")))
    for node in items(root["package"]):
        everywhere = by_name[_identity(mapping(node))] >= platforms
        _locked(node, reading, everywhere=everywhere)
    return reading.done(complete=("conda", "package"))


def _identity(held: Mapping[str, Node]) -> tuple[str, str]:
    return text(held.get("name")), f"{text(held.get('manager'))} {text(held.get('version'))}"


def _locked(node: Node, reading: Reading, *, everywhere: bool) -> None:
    held = mapping(node)
    name, version, url = text(held.get("name")), text(held.get("version")), text(held.get("url"))
    if not name:
        reading.leave("package", "a package without a name", node.line)
        return
    platform = text(held.get("platform"))
    categories = {text(held.get("category")), *texts(held.get("categories"))} - {""}
    values = {
        "version": version,
        "markers": () if everywhere or not platform else (_PLATFORMS.get(platform, f"platform == '{platform}'"),),
        "groups": () if "main" in categories else tuple(sorted(categories)),
        "hashes": tuple(sorted(f"{kind}:{text(one)}" for kind, one in mapping(held.get("hash")).items())),
    }
    if text(held.get("manager")) == "pip":
        reading.add(name, node.line, **values)
        return
    build = text(held.get("build")) or of_address(url)[2]
    if name == "python":
        reading.ask_python(version, node.line)
    python = "python" in mapping(held.get("dependencies")) or "python_abi" in mapping(held.get("dependencies"))
    add_conda(name, node.line, reading, python=python, build=build, channel=channel_of(url), **values)


def read_explicit(source: str) -> Declaration:
    """Return what an explicit list declares; raises FormatError."""
    lines = source.replace("\r\n", "\n").split("\n")
    if "@EXPLICIT" not in map(str.strip, lines):
        raise FormatError("an explicit list has a line @EXPLICIT", 1)
    reading = Reading()
    for number, line in enumerate(map(str.strip, lines), 1):
        if line.startswith("# pip "):  # conda-lock keeps what conda cannot install there
            reading.adopt(requirements.read(line.removeprefix("# pip ")), number)
        elif line and not line.startswith(("#", "@")):
            _explicit(line, number, reading)
    return reading.done(complete=("conda", "package"))


def _explicit(line: str, number: int, reading: Reading) -> None:
    url, _, digest = line.partition("#")
    name, version, build = of_address(url)
    if not name:
        reading.leave(plain_url(line), "not the address of a conda package", number)
        return
    algorithm, colon, value = digest.rpartition(":")
    if digest and not colon:
        algorithm = {32: "md5", 64: "sha256"}.get(len(value), "")
    hashes = (f"{algorithm}:{value}",) if algorithm else ()
    if name == "python":
        reading.ask_python(version, number)
    channel = channel_of(url)
    add_conda(name, number, reading, version=version, build=build, channel=channel, hashes=hashes)
