"""Configuration formats read as trees of texts with lines; a parser is loaded when a file of its format is met."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.formats.tree import Tree

# The end of a file's name -> the module here that reads it, and its function.
_READERS = {
    ".yaml": ("yaml_text", "read"),
    ".yml": ("yaml_text", "read"),
    ".json": ("json_text", "read"),
    ".toml": ("toml_text", "read"),
    ".ini": ("line_text", "read_ini"),
    ".cfg": ("line_text", "read_ini"),
    ".conf": ("line_text", "read_ini"),
    ".env": ("line_text", "read_env"),
    ".properties": ("line_text", "read_properties"),
}
SUFFIXES = frozenset(_READERS)


def suffix(path: str) -> str:
    """Return the end of a path that tells its format: `.yaml`; `.env` of `.env` itself, too."""
    name = path.rpartition("/")[2]
    return f".{name.rpartition('.')[2].lower()}" if "." in name else ""


def parse(data: bytes, path: str) -> Tree:
    """Return the tree of a file; raises FormatError for what is not in the format that its name tells."""
    from envcheck.formats.tree import FormatError

    reader = _READERS.get(suffix(path))
    if reader is None:
        raise FormatError("the end of its name tells no format: one of " + ", ".join(sorted(SUFFIXES)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(f"not UTF-8 text: byte {data[error.start]:#04x}", line) from None
    tree: Tree = getattr(import_module(f"{__name__}.{reader[0]}"), reader[1])(text)
    return tree
