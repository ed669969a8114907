"""Values as rules compare and show them: as plain text, and in the formats that templates may ask for."""

from __future__ import annotations

from envcheck.keys import attribute_type
from envcheck.model.facts import plain

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


# What may follow the bar in a template: `{host#shm|bytes}`, `{package/torch|public}`.
FORMATS = {"bytes": _in_bytes, "local": _local, "public": _public}
