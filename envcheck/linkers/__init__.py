"""Who needs what from whom, and lacks it: Python imports, compiled files, installed files against their RECORDs.

It is a collector that runs after all others. What is broken becomes facts; all else is only counted, and kept in the
cache together with the stamp of every file and folder that was looked at. A run that finds all of them unchanged has
nothing to read.
"""

from __future__ import annotations

from envcheck import __version__, cache
from envcheck.linkers.view import View, packed, unchanged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from envcheck.collectors import Collection
    from envcheck.model.facts import Entity
    from envcheck.targets.target import PythonLayout, Target

    # An entity, where it comes from, its attributes.
    Linked: TypeAlias = tuple[Entity, str, dict[str, Any]]

COVERS: tuple[str, ...] = ("link", "binary", "file", "links")
PLATFORMS: tuple[str, ...] = ()
_FORM = 10  # of what is kept; raise it with every change of what the linkers find


def collect(target: Target, into: Collection) -> None:
    """Fill `link`, `binary`, `file` and `links`."""
    if target.layout is None:
        into.skip(COVERS, target.layout_problem)
        return
    name, key = _place(target, target.layout, into)
    kept = cache.load(name, key) if into.cached else None
    if kept is None or not unchanged(target.files, kept[0], _base(target.layout)):
        kept = _linked(target, target.layout, into)
        if into.cached:
            cache.store(name, key, kept)
    _, facts, gaps = kept
    for entity, origin, values in facts:
        into.put(entity, origin, **values)
    for scope, reason in gaps:
        into.gap(scope, reason)


def _place(target: Target, layout: PythonLayout, into: Collection) -> tuple[str, tuple[Any, ...]]:
    """Return the name and the key of what is kept: all that decides beside the files themselves."""
    environ = target.environ or {}
    variables = ("PYTHONPATH", "PYTHONSAFEPATH", "LD_LIBRARY_PATH", "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION")
    host = tuple(
        sorted((attribute, known[0]) for attribute, known in into.facts.of(("host",)).items() if attribute in _HOST)
    )
    key = (
        __version__,
        _FORM,
        target.files.root,
        layout.prefix,
        layout.version,
        layout.stdlib,
        layout.site_directories,
        target.cwd,
        _importable(target, layout),
        target.environ is None,
        into.verify,
        tuple(environ.get(variable) for variable in variables),
        host,
    )
    place = f"{target.files.root}{layout.prefix}-{target.cwd}".replace("/", "-").replace(":", "")
    return f"links{place[-150:]}", key


def _program(target: Target, layout: PythonLayout) -> str:
    """Return the folder that a program is started in, unless it is one that packages are installed in."""
    return target.cwd if target.cwd is not None and target.cwd not in layout.site_directories else ""


def _importable(target: Target, layout: PythonLayout) -> tuple[str, ...]:
    """Return the names in the program's folder that may be modules.

    They stand for the time of the folder, which changes with every log file and result that a program writes there.
    """
    folder = _program(target, layout)
    try:
        names = target.files.names(folder) if folder else []
    except (OSError, ValueError):
        return ()
    return tuple(sorted(name for name in names if "." not in name or name.endswith((".py", ".pyc", ".so", ".pyd"))))


_HOST = ("libc", "glibc", "musl", "glibcxx", "cxxabi", "arch", "cpu_flags")


def _linked(
    target: Target, layout: PythonLayout, into: Collection
) -> tuple[tuple[str, bytes], list[Linked], list[tuple[str, str]]]:
    """Link anew; return the stamps, the facts and the gaps, in values that marshal can keep."""
    import gc
    import sys

    from envcheck.linkers.environment import Environment

    view = View(target.files)
    depth, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(depth, 20_000))  # imports are nested as deep as packages are; each takes some frames
    gc.disable()  # nothing of what is read refers to itself
    try:
        facts, gaps = Environment(view, target, layout, into).link()
    finally:
        sys.setrecursionlimit(depth)
        if collecting:
            gc.enable()
    view.stamps.pop(_program(target, layout), None)  # the names in it are part of the key
    return packed(view.stamps, _base(layout)), facts, gaps


def _base(layout: PythonLayout) -> str:
    """Return the folder that most of what is looked at lies in."""
    return layout.site_directories[0] if layout.site_directories else layout.prefix
