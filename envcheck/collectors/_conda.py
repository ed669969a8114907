"""Reads conda's own records of a prefix, and joins them to the Python distributions that they installed.

Source: https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/install.html (conda-meta)
"""

from __future__ import annotations

from envcheck.requirements import normalise
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.collectors import Collection
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

_HEAD = 8192  # bytes; the channel stands before the long list of files
_LIMIT = 32 << 20
# Conda packages under another name than their distribution: https://github.com/conda-forge/pytorch-cpu-feedstock
_DISTRIBUTIONS = {"pytorch": "torch"}


def collect_conda(target: Target, into: Collection, installed: Mapping[str, tuple[str, str]]) -> None:
    """Record what conda-meta lists; `installed` has version and installer of each Python distribution."""
    assert target.layout is not None
    folder = f"{target.layout.prefix}/conda-meta"
    if target.layout.kind != "conda":
        return
    try:
        names = target.files.names(folder)
    except OSError as error:
        into.gap("conda", f"{folder} cannot be read: {error.strerror}")
        return
    for file in names:
        rest, _, build = file.removesuffix(".json").rpartition("-")
        name, _, version = rest.rpartition("-")
        if not file.endswith(".json") or not name:
            continue
        path = f"{folder}/{file}"
        try:
            channel = _channel(target.files, path)
        except (OSError, ValueError, RecursionError) as error:
            channel = None
            into.gap(f"conda/{name}", f"{path} cannot be read: {getattr(error, 'strerror', None) or error}")
        into.put(("conda", name), path, version=version, build=build, channel=channel)
        _join(_DISTRIBUTIONS.get(name, normalise(name)), path, (version, build, channel), installed, into)


def _join(
    name: str,
    path: str,
    record: tuple[str, str, str | None],
    installed: Mapping[str, tuple[str, str]],
    into: Collection,
) -> None:
    if name not in installed:
        return
    version, build, channel = record
    now, installer = installed[name]
    met = satisfies(now, f"=={version}")
    if installer in ("pip", "uv") or met is False or (met is None and now != version):
        into.put(("package", name), path, replaced_conda=version)
    else:
        into.put(("package", name), path, channel=channel, build=build)


def _channel(files: Files, path: str) -> str | None:
    """Return the channel of a record, without host, credentials or platform; raises OSError and ValueError."""
    head = files.read(path, _HEAD)
    _, found, rest = head.partition(b'"channel":')
    text = rest.partition(b'"')[2].partition(b'"')[0].decode("utf-8", "replace")
    if not found or len(rest) < len(text) + 3:
        import json

        document = json.loads(files.read(path, _LIMIT))
        text = str(document.get("channel", "")) if isinstance(document, dict) else ""
    if "://" in text:
        parts = text.partition("://")[2].split("/")[1:]
        if parts[:1] == ["t"]:  # /t/<token>/channel
            parts = parts[2:]
        if len(parts) > 1 and (
            "-" in parts[-1] or parts[-1] == "noarch"
        ):  # the platform; a channel alone may have a hyphen
            parts = parts[:-1]
        text = "/".join(parts)
    return text or None
