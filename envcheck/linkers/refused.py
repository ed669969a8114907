"""Names that the `__getattr__` of a module refuses where its code does not show which: what single packages did.

pydantic 2 hands each name that it does not have to a function, which raises PydanticImportError, an ImportError, for
these: pydantic/pydantic:pydantic/_migration.py, `REMOVED_IN_V2` and what follows on BaseSettings.
"""

from __future__ import annotations

# Module -> the release from which it refuses them, and the names.
_REFUSED: dict[str, tuple[int, frozenset[str]]] = {
    "pydantic": (
        2,
        frozenset(
            (
                "BaseSettings",
                "ConstrainedBytes",
                "ConstrainedDate",
                "ConstrainedDecimal",
                "ConstrainedFloat",
                "ConstrainedFrozenSet",
                "ConstrainedInt",
                "ConstrainedList",
                "ConstrainedSet",
                "ConstrainedStr",
                "JsonWrapper",
                "NoneBytes",
                "NoneStr",
                "NoneStrBytes",
                "Protocol",
                "Required",
                "StrBytes",
                "compiled",
                "create_model_from_namedtuple",
                "create_model_from_typeddict",
                "parse_file_as",
                "parse_raw_as",
                "stricturl",
                "validate_model",
            )
        ),
    )
}


def is_refused(module: str, name: str, version: str) -> bool:
    """Tell whether a module of that release, which may make any other name, refuses one."""
    major, names = _REFUSED.get(module, (0, frozenset()))
    first = version.partition(".")[0]
    return name in names and first.isdecimal() and int(first) >= major
