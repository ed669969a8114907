"""What a GPU can do by its name, what the driver runs, and whether the installed torch has code for each GPU."""

from __future__ import annotations

from envcheck.keys import format_key
from envcheck.model.facts import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envcheck.derive import Derivation
    from envcheck.model.facts import Entity, Facts, Snapshot
    from envcheck.model.rules import Row, Table

_CUDA: Entity = ("cuda",)
_TORCH: Entity = ("package", "torch")
_OVERRIDE: Entity = ("env", "HSA_OVERRIDE_GFX_VERSION")
# GPUs inside Jetson processors: their machine code and that of other GPUs do not run on each other, whatever the
# minor version (https://docs.nvidia.com/cuda/cuda-c-programming-guide/#binary-compatibility).
_JETSON = ((5, 3), (6, 2), (7, 2), (8, 7), (10, 1), (11, 0))

_DRIVER_PARTS = 3  # numbers of a full version, 550.54.15
# What people leave out of a card's name. Quadro stays: a Quadro RTX 4000 and an RTX 4000 Ada differ.
_BRANDS = frozenset(("geforce", "tesla", "instinct", "radeon"))
_SERIES = frozenset(("rtx", "gtx", "rx"))


def derive(snapshot: Snapshot, tables: Mapping[str, Table], into: Derivation) -> None:
    """Put capability and class on GPUs, the newest CUDA on the driver, and the targets on torch."""
    _driver_cuda(snapshot, tables.get("cuda-drivers"), into)
    targets = _torch_targets(snapshot, tables.get("torch-architectures"), into)
    for gpu in snapshot.facts.entities("gpu"):
        vendor, target = _describe(gpu, snapshot.facts, tables.get("gpus"), into)
        _torch_code(gpu, vendor, target, targets, snapshot.facts, into)


def _driver_cuda(snapshot: Snapshot, table: Table | None, into: Derivation) -> None:
    """Put the newest CUDA series whose own driver is not newer than the one that is loaded."""
    driver = snapshot.look(_CUDA, "driver")
    if isinstance(driver, Unknown):
        into.gap("cuda#driver_cuda", driver.reason)
    if not isinstance(driver, tuple) or table is None:
        return
    windows = snapshot.facts.value(_CUDA, "wsl") is True
    column = "driver_windows" if windows else "driver"
    have = _numbers(str(driver[0]))
    rows = [(_numbers(str(row[column])), str(row["cuda"])) for row in table.rows if row.get(column)]
    if not have or not rows or have[0] > max(rows)[0][0]:
        into.gap("cuda#driver_cuda", f"driver {driver[0]} is of a branch that table cuda-drivers does not have")
        return
    runs = max((_numbers(cuda) for shipped, cuda in rows if shipped <= have), default=())
    may_run = max((_numbers(cuda) for shipped, cuda in rows if shipped[: len(have)] <= have), default=())
    if len(have) < _DRIVER_PARTS and runs != may_run:
        into.gap("cuda#driver_cuda", f"the driver is given as {driver[0]}; the full version decides")
        return
    if runs:
        into.put(_CUDA, "table cuda-drivers", driver_cuda=f"{runs[0]}.{runs[1]}")
    else:
        into.gap("cuda#driver_cuda", f"driver {driver[0]} is older than table cuda-drivers")


def _numbers(version: str) -> tuple[int, ...]:
    """Return a dotted version as numbers, empty if it is something else."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < len("1000000000") for part in parts) else ()


def _describe(gpu: Entity, facts: Facts, table: Table | None, into: Derivation) -> tuple[str, str | None]:
    """Put what the GPU's name tells; return its vendor, and its compute capability or AMD's target as far as known."""
    vendor = facts.text(gpu, "vendor")
    row = _row_of(facts.text(gpu, "name") or "", vendor, table)
    if row and vendor is None:
        into.put(gpu, "table gpus", vendor=str(row["vendor"]))
    vendor = vendor or (str(row["vendor"]) if row else "")
    told = facts.text(gpu, "gfx" if vendor == "amd" else "compute_capability")
    listed = str(row["gfx" if vendor == "amd" else "compute_capability"]) if row else None
    if row and facts.value(gpu, "class") is None:
        into.put(gpu, "table gpus", **{"class": str(row["class"])})
    if told is None and listed:
        named = {"gfx": listed} if vendor == "amd" else {"compute_capability": listed, "capability_source": "table"}
        into.put(gpu, "table gpus", **named)
    elif told is None and vendor == "nvidia":
        into.gap(format_key(gpu, "compute_capability"), "neither the driver nor table gpus tells it")
    return vendor, told or listed


def _row_of(name: str, vendor: str | None, table: Table | None) -> Row | None:
    """Return the row whose name, as people write it, fills most of this one; None if two that fill as much differ."""
    if not name or table is None:
        return None
    text = _spaced(name)
    sizes = [
        (_fits(_spaced(str(row["name"])), text), row)
        for row in table.rows
        if (vendor is None or row.get("vendor") == vendor)
        and str(row["name"]).lower().rpartition(" ")[2] in text  # for speed: the last word, which nobody leaves out
    ]
    longest = max((size for size, _ in sizes), default=0)
    best = [row for size, row in sizes if size == longest > 0]
    kinds = {(row.get("compute_capability"), row.get("gfx"), row.get("vendor")) for row in best}
    return best[0] if len(kinds) == 1 else None


def _fits(listed: str, text: str) -> int:
    """Return how much of a listed name stands in a text as whole words, 0 for none.

    It may lack its brand (`RTX 4090`); the number alone (`3090`, `A6000`) is enough where nothing else is said.
    """
    words = listed.split()
    unbranded = [word for word in words if word not in _BRANDS]
    number = [word for word in unbranded if word not in _SERIES]
    if f" {listed} " in f" {text} ":
        return len(listed)
    short = " ".join(unbranded)
    if any(letter.isdecimal() for letter in short) and f" {short} " in f" {text} ":
        return len(short)
    return len(text) if number[0][-1].isdecimal() and text.split() == number else 0


def _spaced(text: str) -> str:
    """Return the words in lower case, less punctuation: `RTX4090` is `rtx 4090`, `3080Ti` is `3080 ti`."""
    words: list[str] = []
    for word in "".join(letter if letter.isalnum() else " " for letter in text.lower()).split():
        series = next((series for series in _SERIES if word.startswith(series)), "")
        number = word.removeprefix(series)
        ti = number.removesuffix("ti").isdecimal() and number.endswith("ti")
        words += filter(None, (series, number.removesuffix("ti") if ti else number, "ti" if ti else ""))
    return " ".join(words)


def _torch_targets(snapshot: Snapshot, table: Table | None, into: Derivation) -> tuple[str, ...] | str | None:
    """Return the targets of the installed torch, why they are not known, or None where it has none to have."""
    facts = snapshot.facts
    if _TORCH not in facts:
        missing = snapshot.look(_TORCH, "version")
        return missing.reason if isinstance(missing, Unknown) else None
    known = facts.value(_TORCH, "architectures")
    if isinstance(known, tuple):
        return known
    if _variant(facts) == "cpu":
        return None
    listed = _wheel_targets(facts, table)
    if listed:
        into.put(_TORCH, "table torch-architectures", architectures=listed)
        return listed
    unread = snapshot.look(_TORCH, "architectures")
    reason = unread.reason if isinstance(unread, Unknown) else "no file told the GPU targets of this torch"
    into.gap(format_key(_TORCH, "architectures"), reason)
    return reason


def _variant(facts: Facts) -> str | None:
    for attribute, variant in (("cuda", "cuda"), ("hip", "rocm")):
        if facts.value(_TORCH, attribute) is not None:
            return variant
    return facts.text(_TORCH, "variant")


def _wheel_targets(facts: Facts, table: Table | None) -> tuple[str, ...]:
    """Return the targets of an official Linux wheel; builds of conda, NVIDIA's containers and others have other ones.

    Where the machine is not known, those of its wheels for any: what none of them covers is not covered.
    """
    release, _, local = (facts.text(_TORCH, "version") or "").partition("+")
    official = not local or (local.startswith("cu") and local[2:].isdecimal())
    series = _numbers(release)[:2]
    cuda = _numbers(facts.text(_TORCH, "cuda") or "")[:2]
    machine = facts.text(("python",), "machine") or facts.text(("host",), "arch")
    elsewhere = facts.text(("python",), "platform") not in (None, "linux")
    if table is None or not (official and series and cuda) or elsewhere or facts.text(_TORCH, "channel"):
        return ()
    listed: dict[str, None] = {}
    for row in table.rows:
        targets = row["architectures"]
        if (
            row.get("confidence") in (None, "high")
            and _numbers(str(row["torch"])) == series
            and _numbers(str(row["cuda"])) == cuda
            and machine in (None, row["machine"])
            and isinstance(targets, tuple)
        ):
            listed |= dict.fromkeys(targets)
    return tuple(listed)


def _torch_code(
    gpu: Entity, vendor: str, target: str | None, targets: tuple[str, ...] | str | None, facts: Facts, into: Derivation
) -> None:
    """Put native, ptx or none where the GPU and the installed torch are of the same make."""
    if isinstance(targets, str):
        into.gap(format_key(gpu, "torch_code"), targets)
        return
    if targets is None or (vendor, _variant(facts)) not in (("nvidia", "cuda"), ("amd", "rocm")):
        return
    code = None
    if target:
        code = _amd_code(facts, target, targets) if vendor == "amd" else _nvidia_code(_numbers(target), targets)
    if code:
        into.put(gpu, f"{target} against the GPU targets of torch", torch_code=code)
    else:
        into.gap(format_key(gpu, "torch_code"), "the target of this GPU is not known")


def _amd_code(facts: Facts, gfx: str, targets: Sequence[str]) -> str:
    pretended = _numbers(facts.text(_OVERRIDE, "value") or "")
    if len(pretended) == 3:  # noqa: PLR2004  major.minor.stepping, as the runtime reads it
        gfx = f"gfx{pretended[0]}{pretended[1]:x}{pretended[2]:x}"
    return "native" if gfx in (entry.partition(":")[0] for entry in targets) else "none"


def _nvidia_code(have: tuple[int, ...], targets: Sequence[str]) -> str | None:
    """Return native, ptx or none; None where no target can be read.

    Machine code for X.Y runs on X.Z with Z >= Y, that for X.Ya on X.Y only; PTX is compiled for whatever is not older
    (https://docs.nvidia.com/cuda/cuda-c-programming-guide/#binary-compatibility and #ptx-compatibility).
    """
    entries = [entry for entry in map(_parsed, targets) if entry[0]] if have else []
    for built, suffix, machine_code, _ in entries:
        exact = suffix == "a" or built in _JETSON or have in _JETSON
        if machine_code and (built == have if exact else built[0] == have[0] and built <= have):
            return "native"
    if any(ptx and not suffix and built <= have for built, suffix, _, ptx in entries):
        return "ptx"
    return "none" if entries else None


def _parsed(target: str) -> tuple[tuple[int, ...], str, bool, bool]:
    """Return capability, suffix, whether there is machine code, and whether there is PTX, of `9.0a` or `compute_90`."""
    name, plus, _ = target.partition("+")
    only_ptx = name.startswith("compute_")
    number = name.removeprefix("compute_")
    digits = number.rstrip("af")
    version = f"{digits[:-1]}.{digits[-1:]}" if only_ptx else digits
    return _numbers(version), number[len(digits) :], not only_ptx, only_ptx or bool(plus)
