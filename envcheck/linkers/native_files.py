"""What compiled files hold, read once and kept for the runs to come."""

from __future__ import annotations

from struct import pack

from envcheck.binaries import elf, elf_symbols, fatbin, formats
from envcheck.binaries.elf_image import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from envcheck.binaries.elf import Elf
    from envcheck.linkers.kept import Kept
    from envcheck.linkers.view import View

_FIELDS = elf.Elf.record_fields


class Contents:
    """Compiled files by path.

    Kept of each: why it is no ELF file, the fields of `Elf`, those of the GPU targets, and the hashes of the names of
    undefined symbols that may not be missing, as 32-bit numbers of this machine; None for what was not asked.
    """

    def __init__(self, view: View, kept: Kept) -> None:
        self._view = view
        self._kept = kept
        self._held: dict[str, Any] = {}
        self._known: dict[str, tuple[str, Elf | None]] = {}

    def elf(self, path: str) -> Elf | None:
        """Return the content of an ELF file, None for anything else."""
        return self._read(path)[1]

    def problem(self, path: str) -> str:
        """Return what a file is that is no ELF file, and why it cannot be read, empty for one that is."""
        return self._read(path)[0]

    def targets(self, path: str) -> fatbin.Targets | None:
        """Return the GPU targets of a file with CUDA code."""
        self._read(path)
        values = self._held[path][2]
        return (
            None if values is None else fatbin.Targets(**dict(zip(fatbin.Targets.record_fields, values, strict=True)))
        )

    def image(self, path: str) -> Image:
        """Return the frame of an ELF file; raises ValueError and OSError."""
        stamp = self._view.stamp(path)
        image = Image(lambda offset, size: self._view.read_at(path, offset, size), stamp[0] if stamp else 0)
        image.read_dynamic()
        return image

    def undefined(self, path: str) -> Iterable[int]:
        """Return the hashes of the names that others have to define; raises ValueError and OSError."""
        self._read(path)
        held = self._held[path]
        if held[3] is None:
            symbols = elf_symbols.read_symbols(self.image(path), exported=False).undefined
            hashes = {elf_symbols.gnu_hash(elf_symbols.encoded(name)) for name, _, weak, _ in symbols if not weak}
            held = self._held[path] = *held[:3], pack(f"{len(hashes)}I", *sorted(hashes))
            self._kept.keep(path, self._view.stamp(path), held)
        return memoryview(held[3]).cast("I")

    def _read(self, path: str) -> tuple[str, Elf | None]:
        known = self._known.get(path)
        if known is None:
            stamp = self._view.stamp(path)
            held = self._kept.recall(path, stamp)
            if held is None:
                held = self._fresh(path, stamp[0] if stamp else -1)
                self._kept.keep(path, stamp, held)
            self._held[path] = held
            content = None if held[1] is None else elf.Elf(**dict(zip(_FIELDS, held[1], strict=True)))
            known = self._known[path] = held[0], content
        return known

    def _fresh(self, path: str, size: int) -> tuple[str, tuple[Any, ...] | None, tuple[Any, ...] | None, None]:
        if size < 0:
            return "there is no file", None, None, None
        try:
            image = Image(lambda offset, length: self._view.read_at(path, offset, length), size)
            content = elf.describe(image)
        except ValueError as error:
            try:
                head = self._view.read(path, formats.HEAD)
            except OSError as unread:
                return f"cannot be read: {unread.strerror}", None, None, None
            return formats.describe(head) if not head.startswith(b"\x7fELF") else str(error), None, None, None
        except OSError as error:
            return f"cannot be read: {error.strerror}", None, None, None
        try:
            targets = fatbin.read(image)
        except (OSError, ValueError):  # sections serve nobody who loads the file
            targets = None
        values = tuple(getattr(content, field) for field in _FIELDS)
        if targets is None:
            return "", values, None, None
        return "", values, tuple(getattr(targets, field) for field in fatbin.Targets.record_fields), None
