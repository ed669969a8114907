"""Names of the native world in readable parts: mangled C++ symbols and the names of shared libraries.

Itanium C++ ABI: https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling; only names are read, types are skipped.
"""

from __future__ import annotations

_SPECIAL = ("TV", "TT", "TI", "TS", "TH", "TW", "GV", "GR")
_STANDARD = {"St": "std", "Sa": "std::allocator", "Sb": "std::basic_string", "Ss": "std::string"}
_STANDARD |= {"Si": "std::istream", "So": "std::ostream", "Sd": "std::iostream"}
_NESTING = "INXJF"
_LONGEST = 4096  # characters of a symbol that are looked at
_LIBRARY_ENDINGS = (".dylib", ".dll", ".pyd", ".lib", ".a")


def demangled(symbol: str) -> str:
    """Return the qualified name of a mangled C++ symbol without its parameters; any other text as it is."""
    symbol = symbol.partition("@")[0] if symbol.startswith(("_Z", "__Z")) else symbol
    if symbol.startswith("?"):
        return _of_microsoft(symbol)
    if not symbol.startswith(("_Z", "__Z")):
        return symbol
    parts = _parts(symbol[symbol.index("Z") + 1 :][:_LONGEST])
    return "::".join(parts) if parts else symbol


def namespace(symbol: str) -> str:
    """Return whose symbol that is: the outermost namespace, such as c10, torch, cv or google::protobuf; else nothing.

    `google` is many projects, so what follows belongs to it; `std::__cxx11` tells the newer C++ ABI from the older.
    """
    parts = demangled(symbol).split("::")
    if len(parts) == 1:
        return ""
    both = len(parts) > 2 and (parts[0] == "google" or parts[:2] == ["std", "__cxx11"])  # noqa: PLR2004  two and a name
    return "::".join(parts[: 1 + both])


def soname_parts(name: str) -> tuple[str, str]:
    """Return what a library is called without `lib`, ending and version, and that version: cudart and 11.0."""
    base = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, version = base.partition(".so")
    if dot:
        return stem.removeprefix("lib"), version.lstrip(".")
    for ending in _LIBRARY_ENDINGS:
        if base.lower().endswith(ending):
            base = base[: -len(ending)]
            break
    stem = base.removeprefix("lib")
    head = stem.rstrip("0123456789._")
    return (head, stem[len(head) :].strip("._").replace("_", ".")) if head else (stem, "")


def _of_microsoft(symbol: str) -> str:
    names = (symbol[3:] if symbol.startswith("??") else symbol[1:]).partition("@@")[0].split("@")
    if not all(name and (name[0].isalpha() or name[0] == "_") for name in names):
        return symbol
    return "::".join(reversed(names))


def _parts(text: str) -> list[str]:
    """Return the components of the first name of an encoding; empty where it is not understood."""
    if text.startswith(_SPECIAL):
        text = text[2:]
    text = text.removeprefix("L")
    nested = text.startswith("N")
    at = 1 if nested else 0
    while nested and text[at : at + 1] in ("r", "V", "K", "R", "O"):
        at += 1
    found: list[str] = []
    while at < len(text) and text[at] != "E":
        before = at
        at = _component(text, at, found)
        if at == before or (not nested and found and text[before : before + 2] != "St"):
            break
    return found


def _component(text: str, at: int, found: list[str]) -> int:
    """Read one component into `found` and return where the next one begins; the same place where it is none."""
    char = text[at]
    if char.isdigit():
        return _name(text, at, found)
    if text[at : at + 2] in _STANDARD:
        found += _STANDARD[text[at : at + 2]].split("::")
        return at + 2
    if char in "IS":
        return _skipped(text, at) if char == "I" else max(text.find("_", at) + 1, at)
    if text[at + 1 : at + 2].isdigit():
        if char in "CD" and found:
            found.append(("~" if char == "D" else "") + found[-1])
            return at + 2
        if char == "B":  # an ABI tag, such as B5cxx11
            return _name(text, at + 1, [])
    return at


def _name(text: str, at: int, found: list[str]) -> int:
    """Read a name that begins with its length, like _component."""
    end = at
    while text[end : end + 1].isdigit():
        end += 1
    length = int(text[at:end])
    if length > len(text) - end:
        return at
    name = text[end : end + length]
    found.append("(anonymous)" if name.startswith("_GLOBAL__N") else name)
    return end + length


def _skipped(text: str, at: int) -> int:
    """Return the place behind the template arguments that begin here."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "L":
            at = text.find("E", at)
            if at < 0:
                return len(text)
        elif char in "STA" and (text[at + 1 : at + 2].isdigit() or text[at + 1 : at + 2] == "_"):
            at = max(text.find("_", at), at)
        elif char.isdigit():
            at = max(_component(text, at, []) - 1, at)
        elif char in _NESTING:
            depth += 1
        elif char == "E":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return at
