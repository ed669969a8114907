"""Installed files against what the RECORDs say of them: missing, of another size, of another content, overwritten.

What proves damage, and what does not:

- A size that differs proves that the file is not the one that was installed. Whether that is damage is another matter:
  strip, patchelf, auditwheel and the tools that slim container images rewrite compiled files on purpose. They treat
  many files alike, so where more than half of all compiled files differ, none is proven. Beyond that each file is
  looked at: strip makes it smaller and leaves no debugging information; patchelf makes it larger and moves what the
  loader reads behind what was there; objcopy and prelink add sections of known names. A file of which none of this is
  true was replaced, which is proof.
- A file that two distributions claim is proof against the one whose content is gone where it is an extension module and
  their versions differ: what is left of that distribution was made for another module. Of one version, they are
  variants built from the same source (with and without a user interface, say), and either file serves. A library that
  is no module stays compatible over many versions, and a shared `__init__.py`, licence or test folder hurts nobody.
- A missing file proves nothing by itself: images are slimmed by deleting tests and optional modules. It is proof where
  the caller knows that an import asks for this very file.
- Only distributions that pip and its like installed are judged. conda, Debian, RPM and editable installations rewrite
  or leave out files after the RECORD was made. Where an older version left its metadata in the same folder, the fact
  `copy` tells so, and which of both the files belong to is not known.

Sources: https://packaging.python.org/en/latest/specifications/recording-installed-packages/,
https://sourceware.org/binutils/docs/binutils/strip.html, https://github.com/NixOS/patchelf
"""

from __future__ import annotations

from envcheck.binaries import elf_sections
from envcheck.binaries.elf_image import MAGIC, Image
from envcheck.linkers.inventory import is_native, stated
from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from envcheck.linkers.inventory import Claim, Inventory, Owner
    from envcheck.linkers.view import View

_INSTALLERS = ("pip", "uv", "poetry", "pdm", "installer")
_REWRITTEN = frozenset(("direct_url.json", "INSTALLER", "REQUESTED", "RECORD", "RECORD.jws", "RECORD.p7s"))
_PIECE = 4 << 20  # bytes
_COMPILED = (MAGIC, b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_TAGS = (".abi3.so", ".pyd")
# What patchelf moves behind the end of the file to make it larger, and what objcopy and prelink add there.
_MOVED = (b".dynstr", b".dynsym", b".dynamic", b".gnu.hash", b".hash", b".interp", b".note.gnu.build-id")
_ADDED = frozenset((b".gnu_debuglink", b".gnu.prelink_undo"))


class Damage(Record):
    """A file that is not what a RECORD says.

    `problem` is missing, size, hash or clobbered. `expected` and `found` are sizes in bytes or hashes, as texts.
    `other` is the distribution whose content is there. `proven` is False where it may be on purpose; `reason` why.
    """

    distribution: str
    version: str
    path: str
    problem: str
    expected: str
    found: str
    native: bool
    proven: bool
    reason: str
    other: str = ""
    other_version: str = ""


def examine(
    view: View, inventory: Inventory, *, reachable: Collection[str] = frozenset(), verify: bool = False
) -> tuple[Damage, ...]:
    """Return what differs from the RECORDs, sorted by path.

    Compiled files and the absolute paths in `reachable` are compared by size; all others, and hashes, with `verify`.
    """
    suspects: list[tuple[str, str]] = []
    compiled = differing = 0
    for site in inventory.sites:
        for path in _judged(inventory, site, reachable, verify=verify):
            wrong = _is_suspect(view, inventory, site, path, verify=verify)
            if wrong:
                suspects.append((site, path))
            if is_native(path):
                compiled += 1
                differing += wrong and path not in inventory.shared[site] and view.is_file(f"{site}/{path}")
    processed = (
        f"{differing} of {compiled} compiled files differ: processed after installation"
        if differing * 2 > compiled
        else ""
    )
    damages: list[Damage] = []
    trusted: dict[int, bool] = {}
    for site, path in suspects:
        claims = inventory.shared[site].get(path) or (inventory.files[site][path],)
        kept = [claim for claim in claims if _is_trusted(view, inventory, claim[0], trusted)]
        if len(kept) == len(claims):
            damages += _explain(view, inventory, f"{site}/{path}", claims, processed=processed, reachable=reachable)
    return tuple(sorted(damages, key=lambda damage: (damage.path, damage.distribution)))


def _judged(inventory: Inventory, site: str, reachable: Collection[str], *, verify: bool) -> Iterable[str]:
    """Return the paths to look at; not those outside of the site directory, which installers write as they need."""
    files = inventory.files[site]
    start = len(site) + 1
    wanted: Iterable[str] = files
    if not verify:
        asked = (path[start:] for path in reachable if path.startswith(f"{site}/"))
        wanted = {*inventory.native[site], *(path for path in asked if path in files)}
    return [path for path in wanted if not path.startswith(("..", "/")) and not _is_rewritten(path)]


def _is_rewritten(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    top = path.partition("/")[0]
    return (folder.endswith((".dist-info", ".egg-info")) and name in _REWRITTEN) or top.endswith((".data", ".egg-info"))


def _is_suspect(view: View, inventory: Inventory, site: str, path: str, *, verify: bool) -> bool:
    """Tell whether what is there is not what every RECORD that claims the path says."""
    stamp = view.stamp(f"{site}/{path}")
    if stamp is None:
        return not view.files.exists(f"{site}/{path}")  # one that may not be looked at is not missing
    if stamp[0] < 0:
        return False
    for claim in inventory.shared[site].get(path) or (inventory.files[site][path],):
        size, checksum = stated(claim)
        if size is not None and size != stamp[0]:
            return True
        if checksum and (verify or _differ_by_hash_alone(inventory, site, path)):
            found = _hash(view, f"{site}/{path}")
            if found and checksum.startswith("sha256=") and found != checksum:
                return True
    return False


def _differ_by_hash_alone(inventory: Inventory, site: str, path: str) -> bool:
    """Tell whether several distributions claim a compiled file with one size and several hashes."""
    claims = inventory.shared[site].get(path, ())
    said = {stated(claim) for claim in claims}
    return len(said) > 1 and len({size for size, _ in said}) == 1 and is_native(path)


def _hash(view: View, path: str) -> str:
    """Return a file's hash as a RECORD writes it; nothing where it cannot be read."""
    import base64
    import hashlib

    running, offset = hashlib.sha256(), 0
    try:
        while piece := view.read_at(path, offset, _PIECE):
            running.update(piece)
            offset += len(piece)
    except (OSError, ValueError):
        return ""
    return "sha256=" + base64.urlsafe_b64encode(running.digest()).decode().rstrip("=")


def _is_trusted(view: View, inventory: Inventory, number: int, known: dict[int, bool]) -> bool:
    """Tell whether a distribution's RECORD is meant to hold for what is on disk."""
    if number not in known:
        known[number] = _is_installed_alone(view, inventory.owners[number])
    return known[number]


def _is_installed_alone(view: View, owner: Owner) -> bool:
    folder = f"{owner.site}/{owner.folder}"
    listed = view.names(folder)
    if owner.older or "INSTALLER" not in listed:
        return False
    try:
        installer = view.read(f"{folder}/INSTALLER", 256).split()
        origin = view.read(f"{folder}/direct_url.json", 65536) if "direct_url.json" in listed else b""
    except (OSError, ValueError):
        return False
    named = installer[0].decode("latin-1").lower() if installer else ""
    return named in _INSTALLERS and b'"editable": true' not in origin and b'"editable":true' not in origin


def _explain(
    view: View,
    inventory: Inventory,
    path: str,
    claims: tuple[Claim, ...],
    *,
    processed: str,
    reachable: Collection[str],
) -> list[Damage]:
    """Return what is wrong with one file, one record for each distribution that does not have its own."""
    stamp = view.stamp(path)
    found = -1 if stamp is None else stamp[0]
    if found >= 0 and len(claims) > 1:
        settled = _clobbered(view, inventory, path, claims, found)
        if settled is not None:
            return settled
    owner = inventory.owners[claims[-1][0]]
    size, checksum = stated(claims[-1])
    problem, expected, there = "hash", checksum, ""
    if found < 0:
        problem, expected = "missing", "" if size is None else str(size)
        proven = path in reachable
        reason = "an import asks for it" if proven else "it may have been deleted to save space"
    elif size is not None and size != found:
        problem, expected, there = "size", str(size), str(found)
        proven, reason = _judge_size(view, path, size, found, processed)
    else:
        there = _hash(view, path)
        proven, reason = False, "of the same size with another content: edited or patched"
    return [
        Damage(
            distribution=owner.name,
            version=owner.version,
            path=path,
            problem=problem,
            expected=expected,
            found=there,
            native=is_native(path),
            proven=proven,
            reason=reason,
        )
    ]


def _clobbered(
    view: View, inventory: Inventory, path: str, claims: tuple[Claim, ...], found: int
) -> list[Damage] | None:
    """Return which claims are overwritten by which; None where the content is nobody's."""
    fitting = [claim for claim in claims if stated(claim)[0] == found]
    if len({stated(claim)[1] for claim in fitting}) > 1:
        content = _hash(view, path)
        fitting = [claim for claim in fitting if stated(claim)[1] == content]
    if not fitting:
        return None
    winner, checksum = inventory.owners[fitting[-1][0]], stated(fitting[-1])[1]
    damages = []
    for claim in claims:
        loser = inventory.owners[claim[0]]
        size, own = stated(claim)
        if own == checksum or size is None or loser.name == winner.name:
            continue
        proven, reason = _judge_overwriting(path, loser, winner)
        damages.append(
            Damage(
                distribution=loser.name,
                version=loser.version,
                path=path,
                problem="clobbered",
                expected=str(size) if size != found else own,
                found=str(found) if size != found else checksum,
                native=is_native(path),
                proven=proven,
                reason=reason,
                other=winner.name,
                other_version=winner.version,
            )
        )
    return damages


def _judge_overwriting(path: str, loser: Owner, winner: Owner) -> tuple[bool, str]:
    if not is_native(path):
        return False, "a file that both may share"
    if loser.version == winner.version:
        return False, "both are of one version"
    name = path.rpartition("/")[2]
    if name.startswith("lib") or not (name.endswith(_TAGS) or ".cpython-" in name or name.count(".") == 1):
        return False, "a library, which may serve both"
    return True, "an extension module of another version"


def _judge_size(view: View, path: str, expected: int, found: int, processed: str) -> tuple[bool, str]:
    """Return whether another size is proof of damage, and why; see the module's docstring."""
    if not is_native(path):
        return False, "edited or patched"
    try:
        head = view.read_at(path, 0, 4)
    except (OSError, ValueError):
        return False, "it cannot be read"
    if not head.startswith(_COMPILED):
        return True, "it is no compiled file any more"
    if processed or head != MAGIC:
        return False, processed or "it may have been signed after installation"
    return _judge_elf(view, path, expected, found)


def _judge_elf(view: View, path: str, expected: int, found: int) -> tuple[bool, str]:
    """Return the same of an ELF file, by its sections."""
    try:
        places = elf_sections.places(Image(lambda offset, size: view.read_at(path, offset, size), found))
    except OSError:
        return False, "it cannot be read"
    except ValueError as error:
        return True, f"it {error}"
    if b".dynstr" not in places:
        return False, "it may have been stripped of its sections"
    if found < expected:
        kept = b".debug_info" in places
        return kept, "replaced: it is smaller and yet was not stripped" if kept else "it may have been stripped"
    moved = any(name in places and places[name][0] >= expected for name in _MOVED) or not _ADDED.isdisjoint(places)
    return not moved, "it may have been patched" if moved else "replaced: it is larger and yet was not patched"
