"""Shortens the signatures of functions to what matters on import: names of parameters, and what is evaluated."""

from __future__ import annotations

import re

# From `def` to the end of the signature's line; brackets nested once, bounded so that no input makes it slow.
DEFINITION = re.compile(
    rb"(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*(\((?:[^()]{0,2000}(?:\([^()]{0,500}\)[^()]{0,2000}){0,40})\)"
    rb"[^\n:#]{0,500}):[ \t]*(\.\.\.)?[ \t]*(?:#[^\n]{0,500})?\n",
)
_ANY = b"(*_, **__)"
_TEXT = re.compile(
    rb"#[^\n]*|'[^'\\\n]*(?:\\.[^'\\\n]*)*'"
    rb'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
)
_BRACKETS = re.compile(rb"\[[^][(){}]*\]|\([^][(){}]*\)|\{[^][(){}]*\}")
_DEEPEST = 6  # brackets within brackets
_CHAIN = re.compile(rb"[A-Za-z_]\w*(?:[ \t]*\.[ \t]*[A-Za-z_]\w*)+")
_DEFAULT = re.compile(rb"=(?![ \t]*\.\.\.)[ \t]*(?:[\[{]|[^,)=]*[.(])")  # one that may use a name
_UNCERTAIN = re.compile(rb"\b(?:lambda|if|and|or|for)\b|\\")
_PARAMETER = re.compile(rb"\s*(\*{0,2}[ \t]*\w+|\*|/)")


def uses_names(signature: bytes, *, lazy: bool) -> bool:
    """Tell whether a signature may use attributes or call something when the function is defined.

    `lazy` annotations are not evaluated.
    """
    if b"." not in signature and signature.count(b"(") == 1:
        return False
    return not lazy or _DEFAULT.search(signature) is not None


def shortened(found: re.Match[bytes], *, lazy: bool, named: bool) -> bytes | None:
    """Return a definition without its body, and without what it does not evaluate; None where that cannot be told.

    The names of its parameters are kept if `named`. Attribute chains become the annotation of what it returns.
    """
    signature = found[2]
    chains = b""
    plain = _plain(signature)
    if uses_names(signature, lazy=lazy):
        if lazy or b"(" in plain[1:] or _UNCERTAIN.search(plain):
            return None
        chains = _chains(plain)
    if not named:
        return b"def " + found[1] + _ANY + chains + b":"
    parameters = _parameters(plain)
    return None if parameters is None else b"def " + found[1] + b"(" + parameters + b")" + chains + b":"


def _plain(signature: bytes) -> bytes:
    """Return a signature without comments, and with `_` for texts."""
    if b"#" not in signature and b"'" not in signature and b'"' not in signature:
        return signature
    return _TEXT.sub(lambda found: b"" if found[0][:1] == b"#" else b"_", signature)


def _chains(signature: bytes) -> bytes:
    """Return an annotation of the attribute chains, each on the line where it was."""
    pieces = []
    before = 0
    for found in _CHAIN.finditer(signature):
        pieces.append(b"\n" * signature.count(b"\n", before, found.start()) + found[0])
        before = found.start()
    return b" -> (" + b",".join(pieces) + b",)" if pieces else b""


def _parameters(signature: bytes) -> bytes | None:
    """Return the names of the parameters, `=_` for a default."""
    inside = signature[1 : signature.rfind(b")")]
    if b"\\" in inside:
        return None
    for _ in range(_DEEPEST):
        if b"[" not in inside and b"(" not in inside and b"{" not in inside:
            break
        inside = _BRACKETS.sub(b"", inside)
    else:
        return None
    names = []
    for one in inside.split(b","):
        found = _PARAMETER.match(one)
        if found is not None:
            names.append(found[1] + b"=_" if b"=" in one else found[1])
    return b",".join(names)
