"""What the loader would miss for one file: libraries, versions of symbols, a processor, an executable stack."""

from __future__ import annotations

import posixpath

from envcheck.linkers.loader_closure import closure
from envcheck.linkers.native_versions import missing_versions, stated_versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    from envcheck.binaries.elf import Elf
    from envcheck.linkers.loader import Loader
    from envcheck.linkers.loader_closure import Closure
    from envcheck.linkers.native_files import Contents
    from envcheck.linkers.view import View
    from envcheck.targets.target import Target

    # The fields of a problem but for the file that has it.
    Problem: TypeAlias = dict[str, Any]

# Where toolkits install libraries that the loader does not search by itself, but packages load by path.
_TOOLKITS = ("/usr/local/cuda/lib64", "/opt/rocm/lib", "/usr/local/lib")
# Libraries of the driver, which a container runtime mounts when the container starts
# (https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html).
_MOUNTED = ("libcuda.so.", "libnvidia-", "libnvcuvid.so.", "libnvoptix.so.", "libGLX_nvidia.so.", "libEGL_nvidia.so.")
# dlopen no longer makes the stack executable: https://sourceware.org/glibc/wiki/Release/2.41
_GLIBC_WITHOUT_STACK = (2, 41)
_EXECUTABLE_STACKS = "glibc.rtld.execstack"
# The kernel's names of what each level of x86-64 adds (https://gitlab.com/x86-psABIs/x86-64-ABI, table 3.1).
_LEVEL_FLAGS = {
    2: ("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"),
    3: ("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"),
    4: ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
}


class Links:
    """The joined files of one process; files of the environment are made known by `bear` before the first question."""

    def __init__(
        self,
        *,
        view: View,
        target: Target,
        loader: Loader,
        program: tuple[str, Elf] | None,
        contents: Contents,
        owners: Mapping[str, str],
        host: Mapping[str, object],
    ) -> None:
        self._view = view
        self._target = target
        self._loader = loader
        self._contents = contents
        self._host = host
        self.owners = owners
        self.architecture = program[1].architecture if program else ""
        self.program = self._loaded_with(program[0]) if program else None
        self._loaded = dict(self.program.paths) if self.program else {}
        self._stack = program is not None and program[1].executable_stack
        self._bearers: dict[str, tuple[str, ...]] = {}
        self._form = program[1].form if program else None
        self._elsewhere: Mapping[str, str] | None = None
        self._local: dict[tuple[str | None, ...], list[Problem]] = {}

    def _loaded_with(self, path: str) -> Closure:
        return closure(self._loader, self._contents.elf, path, {}, {})

    def bear(self, path: str) -> None:
        """Let a file of the environment serve whoever needs a library of its name or soname."""
        content = self._contents.elf(path)
        if content is None or (self._form is not None and content.form != self._form):
            return
        for name in {posixpath.basename(path), content.soname}:
            if name:
                self._bearers[name] = (*self._bearers.get(name, ()), path)

    def closure(self, path: str) -> Closure:
        """Return the libraries that come with a file."""
        return closure(self._loader, self._contents.elf, path, self._loaded, self._bearers)

    def gaps(self) -> tuple[str, ...]:
        """Return why libraries that are not found may be there all the same."""
        return (self._loader.gap,) if self._loader.gap else ()

    def preloaded(self) -> bool:
        """Tell whether something else, or something unknown, may define symbols for every file."""
        environ = self._target.environ
        return environ is None or bool(environ.get("LD_PRELOAD")) or self._view.is_file("/etc/ld.so.preload")

    def everywhere(self) -> Iterable[str]:
        """Return every file of the environment that could define symbols."""
        return sorted({path for paths in self._bearers.values() for path in paths})

    def problems(self, path: str, content: Elf) -> list[Problem]:
        """Return what the loader would miss of a file and of what it needs."""
        if problem := _truncated(content):
            return [problem]
        together = self.closure(path)
        found = [self._missing(together, name, place) for name, place in together.missing]
        for place, (there, elf, _) in enumerate(together.objects):
            if elf is None:
                found += self._no_library(together, place)
                continue
            if there not in self.owners:
                continue  # the system's own
            if place and (problem := _truncated(elf)):
                found.append({**problem, "chain": together.chain(place)})
            found += [{**problem, "chain": together.chain(place)} for problem in self._own(there, elf, together)]
        for problem in found:
            asked = problem["chain"][-1] if problem.get("chain") else path
            loose = len(problem.get("chain", ())) > 1 and self.is_loose(together, problem["chain"])
            if loose and problem.get("proven", True):
                problem |= {"proven": False, "reason": f"{asked} may not be the library that was loaded before"}
        return found

    def is_loose(self, together: Closure, chain: tuple[str, ...]) -> bool:
        """Tell whether a chain goes through a library that one of several files may be."""
        loose = {paths[0] for paths in together.elsewhere.values() if len(paths) > 1}
        return not loose.isdisjoint(chain[1:])

    def _no_library(self, together: Closure, place: int) -> list[Problem]:
        """Return the problem of a library that is found and is no ELF file, of which the loader gives up."""
        path = together.objects[place][0]
        what = self._contents.problem(path)
        name = posixpath.basename(path)
        if what.startswith(("cannot", "there is no")):
            return []
        problem: Problem = {"word": "library", "wants": name, "here": f"{path}: {what}"}
        if (libc := _libc_of(name)) and self._loader.libc not in ("", libc):
            problem |= {"word": "libc", "wants": libc, "here": self._loader.libc}
        return [{**problem, "provider": self.owners.get(path, path), "chain": together.chain(place)}]

    def _missing(self, together: Closure, name: str, place: int) -> Problem:
        chain = together.chain(place)
        problem: Problem = {"word": "library", "wants": name, "chain": chain}
        if (libc := _libc_of(name)) and self._loader.libc not in ("", libc):
            problem |= {"word": "libc", "wants": libc, "here": self._loader.libc}
        reason = self._loader.gap
        if reason and self._is_own(name, chain[-1]):
            reason = ""  # no folder of the system has a library of such a name
        if not reason and not self._target.live and name.startswith(_MOUNTED):
            reason = "the driver's libraries are mounted when the container starts"
        if not reason and (there := self._elsewhere_on_host().get(name)):
            reason = f"{there} has it, where the loader does not search by itself"
        return {**problem, "proven": False, "reason": reason} if reason else problem

    def _is_own(self, name: str, path: str) -> bool:
        """Tell whether a library bears the name that a repaired wheel gives its copies: `libpq-e8a033dd.so.5`.

        The digits are of the copy's content (pypa/auditwheel:src/auditwheel/repair.py; with a dot before them,
        pytorch/vision:packaging/wheel/relocate.py), and the file that needs it says where it lies.
        """
        stem, dot, _ = name.partition(".so")
        digits = stem.replace(".", "-").rpartition("-")[2]
        content = self._contents.elf(path)
        search = (content.rpath or content.runpath or "") if content else ""
        hexadecimal = len(digits) == 8 and not digits.strip("0123456789abcdef")  # noqa: PLR2004
        return bool(dot) and hexadecimal and "$ORIGIN" in search and path in self.owners

    def _elsewhere_on_host(self) -> Mapping[str, str]:
        """Return libraries by name that lie where toolkits and this Python keep them."""
        if self._elsewhere is None:
            layout = self._target.layout
            own = (f"{layout.prefix}/lib", f"{layout.base_prefix}/lib") if layout else ()
            beside = {posixpath.dirname(path) for path in self.owners}
            self._elsewhere = {
                name: f"{folder}/{name}"
                for folder in (*_TOOLKITS, *own, *sorted(beside))
                for name in self._view.names(folder)
                if ".so" in name
            }
        return self._elsewhere

    def _own(self, path: str, elf: Elf, together: Closure) -> list[Problem]:
        """Return what a file misses beside libraries."""
        key = path, *(together.paths.get(library) for library, _ in elf.wanted)
        if key not in self._local:
            self._local[key] = [*self._versions(elf, together), *self._stack_problems(elf), *self._processor(elf)]
        return self._local[key]

    def _versions(self, elf: Elf, together: Closure) -> list[Problem]:
        if self._loader.libc == "musl":  # which does not look at them
            return []
        found: list[Problem] = []
        for library, versions in elf.wanted:
            path = together.paths.get(library) or self._loaded.get(library, "")
            content = self._contents.elf(path) if path else None
            if content is not None:
                missing, here = missing_versions(versions, content.offered)
            elif library in together.elsewhere:
                continue
            else:
                missing, here = stated_versions(versions, self._host)
            if missing:
                others = [self._contents.elf(other) for other in self._bearers.get(library, ()) if other != path]
                served = any(other and not missing_versions(versions, other.offered)[0] for other in others)
                found.append(
                    {
                        "word": "version",
                        "wants": f"{missing} of {library}",
                        "here": here,
                        "provider": self.owners.get(path, path),
                        "proven": not served,
                        "reason": "another file of that name may be loaded before" if served else "",
                    }
                )
        return found

    def _stack_problems(self, elf: Elf) -> list[Problem]:
        glibc = _numbers(self._host.get("glibc"))
        environ = self._target.environ
        if not elf.executable_stack or self._stack or self._loader.libc != "glibc" or glibc < _GLIBC_WITHOUT_STACK:
            return []
        known = environ is not None and _EXECUTABLE_STACKS not in environ.get("GLIBC_TUNABLES", "")
        return [
            {
                "word": "stack",
                "wants": "an executable stack",
                "here": f"glibc {self._host.get('glibc')}",
                "proven": known,
                "reason": "" if known else "GLIBC_TUNABLES may allow it",
            }
        ]

    def _processor(self, elf: Elf) -> list[Problem]:
        flags = self._host.get("cpu_flags")
        if self.architecture != "x86_64" or elf.isa_level < 2 or not isinstance(flags, tuple):  # noqa: PLR2004
            return []
        asked = {flag for level in range(2, elf.isa_level + 1) for flag in _LEVEL_FLAGS.get(level, ())}
        lacking = sorted(asked.difference(flags))
        here = f"a processor without {', '.join(lacking)}"
        return [{"word": "processor", "wants": f"x86-64-v{elf.isa_level}", "here": here}] if lacking else []


def _libc_of(name: str) -> str:
    """Return the C library that only has a library of this name, empty for all others."""
    if name == "libc.so" or name.startswith(("libc.musl-", "ld-musl-")):
        return "musl"
    return "glibc" if name.startswith("ld-linux") else ""


def _truncated(content: Elf) -> Problem | None:
    if content.cut_off:
        here = f"{content.size} bytes"
        return {"word": "truncated", "wants": f"at least {content.least_size} bytes", "here": here}
    if content.problem:
        return {
            "word": "format",
            "wants": "an ELF file",
            "here": f"one that {content.problem}",
            "proven": False,
            "reason": "what is wrong with it may not matter to the loader",
        }
    if content.sections_end > content.size:
        return {
            "word": "truncated",
            "wants": f"{content.sections_end} bytes",
            "here": f"{content.size} bytes",
            "proven": False,
            "reason": "what is missing at its end is of no use to the loader",
        }
    return None


def _numbers(version: object) -> tuple[int, ...]:
    parts = version.split(".") if isinstance(version, str) else []
    return tuple(int(part) for part in parts if part.isdecimal())
