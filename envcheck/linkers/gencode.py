"""Judges generated protobuf and gRPC code against the runtimes that are installed.

- Code of protoc checks the runtime when it is imported: VersionError where the runtime is older, and with some runtimes
  where it is two majors newer, which the runtime's own source tells. The check came with 5.26; code from before 3.19
  makes descriptors itself, which the compiled runtimes since 4.21 refuse and the pure Python one does not.
  (https://protobuf.dev/support/cross-version-runtime-guarantee/, https://protobuf.dev/news/2022-05-06/,
  protocolbuffers/protobuf:python/google/protobuf/runtime_version.py)
- Code of grpcio-tools raises RuntimeError where grpcio is older. (grpc/grpc:src/compiler/python_generator.cc)
- A distribution that has the same generated file several times, for several runtimes, chooses while it runs: that one
  of them does not fit is no proof.
"""

from __future__ import annotations

from envcheck.binaries.marks import Generated, read_generated
from envcheck.linkers.misfits import is_set, misfit, paths_named, release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.linkers.misfits import Misfit, Surroundings

_SOURCE_LIMIT = 8 << 20  # bytes of generated code
_BUILDER = (3, 20)
_CHECKED = (5, 26)
_REFUSES_DIRECT = (4,)
_RUNTIME = "google/protobuf/runtime_version.py"
# Where the runtimes that accept their own and the last major only say so.
_LAST_MAJOR_ONLY = b"if gen_major == MAJOR - 1:"


def judge_generated(around: Surroundings, generated: Iterable[tuple[str, str]]) -> list[Misfit]:
    """Return which of some generated files (distribution and absolute path) fail when they are imported."""
    misfits = []
    for owner, path in generated:
        found = _judge(around, owner, path)
        if found is not None:
            chosen = found.proven and _is_chosen(around, found)
            reason = "the distribution has this file for several versions"
            misfits.append(found.replace(proven=False, reason=reason) if chosen else found)
    return misfits


def _marks(around: Surroundings, path: str) -> Generated:
    """Return what generated code asks for; nothing where it cannot be read."""
    stamp = around.view.stamp(path)
    values = around.kept.recall(f"generated:{path}", stamp)
    if values is None:
        try:
            values = tuple(read_generated(around.view.read(path, _SOURCE_LIMIT)).as_dict().values())
        except (OSError, ValueError):
            return Generated()
        around.kept.keep(f"generated:{path}", stamp, values)
    return Generated(**dict(zip(Generated.record_fields, values, strict=True)))


def _judge(around: Surroundings, owner: str, path: str) -> Misfit | None:
    """Return why a generated file fails on import, None where it does not."""
    asked = _marks(around, path)
    here = around.versions.get("grpcio", "")
    if asked.grpc and release(here) and release(here) < release(asked.grpc):
        wants, reason = f">={asked.grpc}", "made by a newer grpcio-tools"
        return misfit(around, owner, path, "grpcio", word="grpc", wants=wants, here=here, proven=True, reason=reason)
    here = around.versions.get("protobuf", "")
    if owner == "protobuf" or not release(here):
        return None
    wants, proven, reason = _judge_check(around, asked.checked, release(here))
    if not wants and asked.builder and release(here) < _BUILDER:
        wants, proven, reason = ">=3.20", True, "imports what came with 3.20"
    if not wants and asked.direct and release(here) >= _REFUSES_DIRECT:
        wants, proven, reason = _judge_direct(around)
    if not wants:
        return None
    return misfit(
        around, owner, path, "protobuf", word="protobuf", wants=wants, here=here, proven=proven, reason=reason
    )


def _judge_check(around: Surroundings, checked: tuple[int, ...], here: tuple[int, ...]) -> tuple[str, bool, str]:
    """Return what the check of the runtime wants, whether that is proven, and why; nothing where it passes."""
    newer = ">=" + ".".join(map(str, checked))
    if checked and here < _CHECKED:
        return newer, True, "made by a newer protoc, for runtimes that can be checked"
    if checked and checked > here:
        wants, reason = newer, "made by a newer protoc"
    elif checked and checked[0] < here[0] - 1 and _accepts_last_major_only(around):
        wants, reason = f"<{checked[0] + 2}", "made by a protoc older than the last major"
    else:
        return "", False, ""
    if is_set(around.environ, "TEMPORARILY_DISABLE_PROTOBUF_VERSION_CHECK", ("true",)):
        return wants, False, f"{reason}, which a variable lets pass"
    return wants, True, reason


def _judge_direct(around: Surroundings) -> tuple[str, bool, str]:
    """Return the same of code that makes descriptors itself."""
    if is_set(around.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION", ("python",)):
        return "", False, ""
    if not any("google/_upb/_message." in path for native in around.inventory.native.values() for path in native):
        return "", False, ""
    if around.environ is None:
        return "<4", False, "fails unless PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION is python, which is not known"
    return "<4", True, "made by a protoc before 3.19: makes descriptors itself"


def _accepts_last_major_only(around: Surroundings) -> bool:
    for site in around.inventory.sites:
        if _RUNTIME in around.inventory.files[site]:
            try:
                return _LAST_MAJOR_ONLY in around.view.read(f"{site}/{_RUNTIME}", 1 << 16)
            except (OSError, ValueError):
                return False
    return False


def _is_chosen(around: Surroundings, found: Misfit) -> bool:
    """Tell whether the distribution has a variant of a misfit: any beside it, or one elsewhere that fits."""
    folder, _, name = found.path.rpartition("/")
    stem = name.removesuffix(".py")
    if any(
        other.startswith(f"{stem}_") and other.endswith(".py") and not other.startswith(f"{stem}_grpc")
        for other in around.view.names(folder)
    ):
        return True
    others = paths_named(around.inventory, name, found.owner)
    return any(path != found.path and _judge(around, found.owner, path) is None for path in others)
