"""Judges compiled files: whether the loader of this Python would take them in, and what it would miss."""

from __future__ import annotations

import posixpath

from envcheck.linkers.loader import Loader
from envcheck.linkers.native_files import Contents
from envcheck.linkers.native_links import Links
from envcheck.linkers.native_symbols import Symbols
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from envcheck.binaries.elf import Elf
    from envcheck.binaries.fatbin import Targets
    from envcheck.linkers.kept import Kept
    from envcheck.linkers.native_links import Problem
    from envcheck.linkers.view import View
    from envcheck.targets.target import PythonLayout, Target

    # Normalised name of a distribution, site directory, path relative to it.
    NativeFile: TypeAlias = tuple[str, str, str]

FORM = 1  # of what `Kept` keeps
# Beginnings of the tags of extension modules (PEP 3149 and those of other Pythons), and of stable ABIs.
_TAGS = ("cpython-", "pypy3", "pypy-", "graalpy", "abi3", "cp3")


class NativeProblem(Record):
    """One reason why a compiled file is not loaded.

    `word` is one of: `tag` (made for another Python, never looked at), `format` (no program file), `machine` (another
    system or processor), `truncated`, `libc` (made for another C library), `library`, `version` (of a symbol),
    `symbol`, `stack` (an executable one), `processor` (a newer one). `wants` and `here` are texts for people.
    `provider` is the distribution that the other side comes from, else the path of its file, else empty. `chain` are
    the paths from the file to the one with the problem, both included. `reason` says why it is not proven.
    """

    owner: str
    site: str
    path: str
    word: str
    wants: str
    here: str = ""
    provider: str = ""
    chain: tuple[str, ...] = ()
    proven: bool = True
    reason: str = ""


class NativeAnswer(Record):
    """What the compiled files of an environment lack.

    `targets` are (distribution, site, path, GPU targets) of files with CUDA code. `judged` is the number of files that
    were judged whole, `gaps` say why others were not.
    """

    problems: tuple[NativeProblem, ...]
    targets: tuple[tuple[str, str, str, Targets], ...]
    judged: int
    gaps: tuple[str, ...] = ()


def judge(
    view: View, natives: Sequence[NativeFile], target: Target, host: Mapping[str, object], kept: Kept
) -> NativeAnswer:
    """Judge the compiled files of a target's environment.

    `host` are facts of the host: `glibc`, `glibcxx`, `cxxabi`, `cpu_flags`, and `arch`, those that are known.
    """
    layout = target.layout
    if layout is None or not natives:
        return NativeAnswer(problems=(), targets=(), judged=0, gaps=(target.layout_problem,) if layout is None else ())
    return _Judge(view, natives, target, layout, host, kept).answer()


class _Judge:
    def __init__(
        self,
        view: View,
        natives: Sequence[NativeFile],
        target: Target,
        layout: PythonLayout,
        host: Mapping[str, object],
        kept: Kept,
    ) -> None:
        self._layout = layout
        self._platform = layout.platform
        self._contents = Contents(view, kept)
        self._files = {
            posixpath.normpath(f"{site}/{path}"): (owner, site, path) for owner, site, path in reversed(natives)
        }
        program = self._program(view)
        self._form = program[1].form if program else None
        loader = Loader(view, target.environ, program, self._contents.elf)
        owners = {path: owner for path, (owner, _, _) in self._files.items()}
        self._links = Links(
            view=view,
            target=target,
            loader=loader,
            program=program,
            contents=self._contents,
            owners=owners,
            host=host,
        )
        self._symbols = Symbols(self._contents, self._links)
        self._host_arch = str(host.get("arch", ""))

    def answer(self) -> NativeAnswer:
        problems: list[NativeProblem] = []
        targets: list[tuple[str, str, str, Targets]] = []
        judged = 0
        importable: list[str] = []
        for path, (owner, site, relative) in self._files.items():
            if tag := self._foreign_tag(path):
                here = self._layout.soabi
                problems.append(NativeProblem(owner=owner, site=site, path=relative, word="tag", wants=tag, here=here))
                continue
            importable.append(path)
            self._links.bear(path)
        for path in sorted(importable):
            owner, site, relative = self._files[path]
            found = self._judge(path)
            judged += found is not None
            problems.extend(NativeProblem(owner=owner, site=site, path=relative, **problem) for problem in found or ())
            carried = self._contents.targets(path)
            if carried is not None:
                targets.append((owner, site, relative, carried))
        problems.sort(key=lambda problem: (problem.site, problem.path, problem.word))
        return NativeAnswer(problems=tuple(problems), targets=tuple(targets), judged=judged, gaps=self._links.gaps())

    def _program(self, view: View) -> tuple[str, Elf] | None:
        """Return the interpreter, whose needs and search path hold for all that it loads."""
        if not self._layout.executable or self._platform != "linux":
            return None
        try:
            path = view.realpath(self._layout.executable)
        except OSError:
            return None
        content = self._contents.elf(path)
        return None if content is None else (path, content)

    def _foreign_tag(self, path: str) -> str:
        """Return the tag of an extension module that this Python does not look for, empty for every other file."""
        parts = posixpath.basename(path).split(".")
        if parts[-1] == "pyd":
            return "" if self._platform == "win32" else ".".join(parts[1:])
        tag = parts[-2] if len(parts) > 2 and parts[-1] == "so" else ""  # noqa: PLR2004  name.tag.so
        if not tag.startswith(_TAGS) or not self._layout.soabi:
            return ""
        if tag == "abi3":
            return tag if self._layout.free_threaded or self._layout.implementation != "cpython" else ""
        return "" if tag == self._layout.soabi else tag

    def _judge(self, path: str) -> list[Problem] | None:
        """Return the problems of a file, None where it cannot be judged."""
        content = self._contents.elf(path)
        if content is None:
            return self._other(self._contents.problem(path))
        if self._platform != "linux":
            return [{"word": "machine", "wants": f"Linux {content.architecture}", "here": self._platform}]
        if self._form is not None and content.form != self._form:
            return [{"word": "machine", "wants": f"Linux {content.architecture}", "here": self._architecture()}]
        if self._form is None and self._host_arch in ("x86_64", "aarch64") and content.architecture != self._host_arch:
            return [{"word": "machine", "wants": f"Linux {content.architecture}", "here": f"Linux {self._host_arch}"}]
        found = self._links.problems(path, content)
        if not found:
            found = self._symbols.problems(path, content)
        return found

    def _other(self, problem: str) -> list[Problem] | None:
        """Judge a file that is no whole ELF file."""
        if problem.startswith(("cannot", "there is no")):
            return None
        if problem.startswith(("macOS", "Windows")):
            home = {"macOS": "darwin", "Windows": "win32"}[problem.partition(" ")[0]]
            if home == self._platform:
                return None  # it is for this system; its processor is not compared
            return [{"word": "machine", "wants": problem, "here": self._architecture()}]
        if self._platform != "linux":
            return None
        if problem in ("an empty file", "a file of zeros") or problem.startswith("is cut off"):
            return [{"word": "truncated", "wants": "an ELF file", "here": problem.replace("is cut off", "one cut off")}]
        return [{"word": "format", "wants": "an ELF file", "here": problem}]

    def _architecture(self) -> str:
        system = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}.get(self._platform, self._platform)
        return f"{system} {self._links.architecture or self._host_arch}".rstrip()
