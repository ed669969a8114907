"""A log of any size and format into the lines that matter, as the programs meant them."""

from __future__ import annotations

from envcheck.failures import documents, lines
from envcheck.failures.folding import GAP, by_worker, folded, selected, without_margin
from envcheck.failures.marked import unmarked
from envcheck.failures.sieve import Sieve
from envcheck.failures.unpacking import unpacked
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from envcheck.failures.lines import Line

_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


class Read(Record):
    """The lines of a log that were kept, how often each (by its number) was told, and how many lines there were."""

    lines: tuple[Line, ...]
    times: dict[int, int]
    total: int
    cut: bool


def read(chunks: Iterable[bytes]) -> Read:
    """Return what matters of a log; any bytes will do, and of however many only some hundred KiB are held at once."""
    sieve = Sieve()
    encoding = ""
    for chunk in unpacked(chunks):
        if not sieve.size and not encoding:
            encoding = next((name for mark, name in _BOMS if chunk.startswith(mark)), "utf-8")
            chunk = chunk.removeprefix(next((mark for mark, _ in _BOMS if chunk.startswith(mark)), b""))  # noqa: PLW2901
        # A shell that writes UTF-16 writes little; a character cut in two by a chunk is one character.
        plain = chunk if encoding == "utf-8" else chunk.decode(encoding, "replace").encode("utf-8", "replace")
        sieve.feed(plain)
    found: list[Line] = []
    parts = sieve.parts()
    for part in parts:
        if found:
            found.append((part.line, GAP, "", ""))
        whole = len(parts) == 1
        found += (documents.read(part.data) if whole else None) or lines.read(part.data, part.line)
    while found and not found[-1][1].strip():
        found.pop()
    kept, times = folded(unmarked(without_margin(by_worker(found))))
    chosen = selected(kept)
    cut = len(parts) > 1 or len(chosen) < len(kept)
    return Read(lines=tuple(chosen), times=times, total=sieve.lines + sieve.open_line, cut=cut)
