"""Judges what compiled modules were built for against what is installed.

- NumPy 2 refuses modules that were compiled with the headers of NumPy 1: their `import_array()` raises, for there is no
  `_ARRAY_API` where they look. Modules compiled with the headers of NumPy 2 run with the release that those state, and
  later ones. (https://numpy.org/doc/stable/dev/depending_on_numpy.html, numpy:numpy/core/_multiarray_umath.py)
- Whether a module calls it when it is imported: NumPy asks for that, and the macro and Cython's wrapper raise. Support
  that is optional calls `_import_array()` itself and clears the error, Rust asks for it at first use; both leave no
  such text and are not proven. Nor is it where the distribution does not require NumPy: it then serves without it, and
  asks for it when it meets an array. A library is proven only where a module of the same distribution is linked to it.
- pybind11 before 2.12 reads the layout that NumPy 1 gave its data types: wrong with NumPy 2, but only on use.
  (https://pybind11.readthedocs.io/en/stable/changelog.html)
- torch passes std::string; its symbols differ by the C++ ABI that it was built with, and a missing one stops the
  loader. (https://gcc.gnu.org/onlinedocs/libstdc++/manual/using_dual_abi.html)
- Two copies of the OpenMP runtime of LLVM or Intel in one process end it, unless KMP_DUPLICATE_LIB_OK is set. Whether
  both are loaded is not known. (https://openmp.llvm.org/design/Runtimes.html)
"""

from __future__ import annotations

from envcheck.binaries.marks import Marks, read_marks, read_torch_string
from envcheck.linkers.gencode import judge_generated
from envcheck.linkers.inventory import owner_of
from envcheck.linkers.misfits import is_set, misfit, paths_named, release
from envcheck.requirements import marker_of, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from envcheck.linkers.misfits import Misfit, Surroundings

    # A distribution, the absolute path of a file of it, what it carries.
    Marked: TypeAlias = tuple[str, str, Marks]

_NUMPY_2 = (2,)
_OPENMP = ("libiomp5.", "libiomp5-", "libomp.", "libomp-", "libomp5.")


def judge(
    around: Surroundings, modules: Iterable[tuple[str, str]], generated: Iterable[tuple[str, str]]
) -> tuple[Misfit, ...]:
    """Return what does not fit of some compiled and some generated files, sorted by path.

    Files are (normalised name of the distribution, absolute path); what cannot be read is passed over.
    """
    marked = [(owner, path, marks) for owner, path in modules if (marks := marks_of(around, path)) is not None]
    found = [*_numpy(around, marked), *_torch(around, marked), *_openmp(around), *judge_generated(around, generated)]
    return tuple(sorted(found, key=lambda one: (one.path, one.word)))


def marks_of(around: Surroundings, path: str) -> Marks | None:
    """Return what a compiled file carries, None where it cannot be read."""
    stamp = around.view.stamp(path)
    if stamp is None or stamp[0] < 0:
        return None
    values = around.kept.recall(f"marks:{path}", stamp)
    if values is None:
        try:
            marks = read_marks(lambda offset, size: around.view.read_at(path, offset, size), stamp[0])
        except (OSError, ValueError):
            return None
        values = tuple(marks.as_dict().values())
        around.kept.keep(f"marks:{path}", stamp, values)
        return marks
    return Marks(**dict(zip(Marks.record_fields, values, strict=True)))


def _numpy(around: Surroundings, marked: list[Marked]) -> list[Misfit]:
    here = around.versions.get("numpy", "")
    misfits = []
    for owner, path, marks in marked if release(here) else ():
        word, wants, proven, reason = "numpy", "<2", False, ""
        if owner == "numpy":
            continue
        if marks.numpy == 1 and release(here) >= _NUMPY_2:
            proven, reason = _is_called(owner, path, marks, marked)
        elif release(marks.numpy_oldest) > release(here):
            wants = f">={marks.numpy_oldest}"
            proven, reason = _is_the_least(owner, marks, release(here), marked)
        elif marks.old_pybind11 and release(here) >= _NUMPY_2:
            word, reason = "pybind11", "reads the data types of NumPy 1, on use"
        if reason:
            if proven and not _requires_numpy(around, owner):
                proven, reason = False, f"{reason}, but the distribution does not require it"
            misfits.append(
                misfit(around, owner, path, "numpy", word=word, wants=wants, here=here, proven=proven, reason=reason)
            )
    return misfits


def _requires_numpy(around: Surroundings, owner: str) -> bool:
    """Tell whether a distribution is of no use without NumPy, by its own metadata."""
    return any(
        "numpy" in text.lower() and name_of(text) == "numpy" and "extra" not in marker_of(text)
        for text in around.requires.get(owner, ())
    )


def _is_called(owner: str, path: str, marks: Marks, marked: list[Marked]) -> tuple[bool, str]:
    """Return whether importing a file surely asks NumPy for its C API, and why."""
    if not marks.numpy_required or marks.rust:
        return False, "compiled with the headers of NumPy 1, perhaps for optional support"
    name = path.rpartition("/")[2]
    if marks.module or any(other.module and name in other.needed for whose, _, other in marked if whose == owner):
        return True, "compiled with the headers of NumPy 1"
    return False, "compiled with the headers of NumPy 1, but linked to no module of the distribution"


def _is_the_least(owner: str, marks: Marks, here: tuple[int, ...], marked: list[Marked]) -> tuple[bool, str]:
    """Return whether no module of a distribution runs with an older NumPy than this one asks for, and why."""
    if any(other.numpy_oldest and release(other.numpy_oldest) <= here for whose, _, other in marked if whose == owner):
        return False, "other modules of the distribution run with it: this one may be chosen by version"
    return marks.numpy_required, "compiled for a newer NumPy"


def _torch(around: Surroundings, marked: list[Marked]) -> list[Misfit]:
    asking = [entry for entry in marked if entry[2].torch and "libc10.so" in entry[2].needed]
    offered = paths_named(around.inventory, "libc10.so")
    stamp = around.view.stamp(offered[0]) if len(offered) == 1 and asking else None
    if stamp is None:
        return []
    try:
        here = read_torch_string(lambda offset, size: around.view.read_at(offered[0], offset, size), stamp[0])
    except (OSError, ValueError):
        return []
    provider = owner_of(around.inventory, offered[0])
    name = provider.name if provider else ""
    reason = "the symbols of the other C++ ABI are not there"
    return [
        misfit(around, owner, path, name, word="torch-abi", wants=marks.torch, here=here, proven=True, reason=reason)
        for owner, path, marks in asking
        if here and marks.torch != here
    ]


def _openmp(around: Surroundings) -> list[Misfit]:
    """Return the second and further copies of the OpenMP runtime of LLVM and Intel, those of other distributions."""
    if is_set(around.environ, "KMP_DUPLICATE_LIB_OK", ("true", "1", "yes")):
        return []
    copies = []
    for site in around.inventory.sites:
        for path in around.inventory.native[site]:
            owner = owner_of(around.inventory, f"{site}/{path}")
            if owner is not None and path.rpartition("/")[2].startswith(_OPENMP):
                copies.append((owner.name, f"{site}/{path}"))
    return [
        misfit(
            around,
            owner,
            path,
            copies[0][0],
            word="openmp",
            wants="one OpenMP runtime of LLVM or Intel",
            here=copies[0][1].rpartition("/")[2],
            proven=False,
            reason="a program that loads both ends, unless KMP_DUPLICATE_LIB_OK is set",
        )
        for owner, path in copies
        if owner != copies[0][0]
    ]
