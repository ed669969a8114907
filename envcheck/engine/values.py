"""Values as rules compare and show them: as plain text, and in the formats that templates may ask for."""

from __future__ import annotations

from envcheck.engine.names import demangled, namespace, soname_parts
from envcheck.keys import attribute_type
from envcheck.model.facts import plain
from envcheck.requirements import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.model.facts import Value

_KIB = 1024


def shown(kind: str, attribute: str, value: Value) -> str:
    """Return a fact's value for people: bytes in MiB or GiB, all else plain."""
    return _in_bytes(value) if attribute_type(kind, attribute) == "bytes" else plain(value)


def _in_bytes(value: Value) -> str:
    if not isinstance(value, (int, float)):
        return plain(value)
    size = float(value)
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if size < _KIB or unit == "TiB":
            break
        size /= _KIB
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"


def _public(value: Value) -> str:
    return plain(value).partition("+")[0]


def _local(value: Value) -> str:
    return plain(value).partition("+")[2]


def _top(value: Value) -> str:
    return plain(value).partition(".")[0]


def _distribution(value: Value) -> str:
    return normalise(plain(value))


def _basename(value: Value) -> str:
    return plain(value).replace("\\", "/").rstrip("/").rpartition("/")[2]


def _lower(value: Value) -> str:
    return plain(value).lower()


# What may follow the bar of a reference: `{host#shm|bytes}`, `{package/torch|public}`, `{m.symbol|namespace}`.
FORMATS = {
    "basename": _basename,
    "bytes": _in_bytes,
    "demangled": lambda value: demangled(plain(value)),
    "distribution": _distribution,
    "local": _local,
    "lower": _lower,
    "namespace": lambda value: namespace(plain(value)),
    "public": _public,
    "soversion": lambda value: soname_parts(plain(value))[1],
    "stem": lambda value: soname_parts(plain(value))[0],
    "top": _top,
}
