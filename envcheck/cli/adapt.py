"""`envcheck adapt`: documents translated by a field map, a map checked, or one proposed from two contracts."""

from __future__ import annotations

import json
import os
import sys

from envcheck.adapters import load
from envcheck.cli.options import many
from envcheck.cli.output import say
from envcheck.errors import DocumentError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.adapters import FieldMap
    from envcheck.cli.commands import Values


def run(values: Values) -> int:
    """Translate standard input, or do what was asked for instead."""
    files = many(values, "files")
    if values["propose"]:
        if len(files) != len(("OLD", "NEW")):
            raise UsageError("--propose needs two contracts", hint="envcheck adapt --propose OLD NEW > map.yaml")
        return _propose(*files)
    if len(files) != 1:
        raise UsageError("one map is needed", hint="envcheck adapt MAP.yaml < in.json > out.json")
    map_ = load(files[0])
    problems = map_.check()
    for problem in problems if values["check"] else [each for each in problems if each.serious]:
        print(f"{files[0]}:{problem.line}: {problem.text}", file=sys.stderr)
    wrong = any(problem.serious for problem in problems)
    if values["check"]:
        return 1 if wrong else 0
    if wrong:
        raise DocumentError("would damage documents", where=files[0], hint="mend the lines named above")
    return _translate(map_.invert() if values["reverse"] else map_)


def _translate(map_: FieldMap) -> int:
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8: byte {error.start}", where="standard input", hint="give JSON") from None
    documents, lines = _documents(text)
    made = []
    for number, document in documents:
        where = f"standard input:{number}" if lines else "standard input"
        try:
            made.append(_written(map_.apply(document), None if lines else 2))
        except DocumentError as error:
            raise DocumentError(error.message, where=where, hint=error.hint) from None
        except (RecursionError, ValueError):
            raise DocumentError("nested too deeply, or not a number of JSON", where=where, hint="give JSON") from None
    say("".join(f"{document}\n" for document in made))
    return 0


def _documents(text: str) -> tuple[list[tuple[int, Any]], bool]:
    """Return (line, document) of all documents, and whether there is one a line."""
    try:
        return [(1, _read(text))], False
    except RecursionError:
        raise DocumentError("nested too deeply", where="standard input", hint="give flatter JSON") from None
    except ValueError as error:
        whole = error
    documents = []
    for number, line in enumerate(text.split("\n"), 1):  # other ends of lines may stand inside of a text
        if not line.strip():
            continue
        try:
            documents.append((number, _read(line)))
        except (ValueError, RecursionError) as error:
            told = error if documents else whole
            place = number if documents else getattr(whole, "lineno", 1)
            message = getattr(told, "msg", None) or "nested too deeply"
            raise DocumentError(
                f"not JSON: {message}", where=f"standard input:{place}", hint="give one document, or one a line"
            ) from None
    if not documents:
        raise DocumentError("is empty", where="standard input", hint="envcheck adapt MAP.yaml < in.json > out.json")
    return documents, True


def _read(text: str) -> Any:
    return json.loads(text, parse_float=_number, object_pairs_hook=_mapping)


def _number(text: str) -> float:
    from decimal import Decimal

    value = float(text)
    if Decimal(text) != Decimal(repr(value)):
        raise DocumentError(
            f"{text[:40]} is a number that cannot be kept", where="standard input", hint="make it a text"
        )
    return value


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DocumentError(f"{twice} stands twice in one mapping", where="standard input", hint="keep one of them")
    return made


def _written(document: object, indent: int | None) -> str:
    """Return a document as JSON, in ASCII where that is the only way to keep what it says; raises ValueError."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)
    unicode = (sys.stdout.encoding or "").lower() in ("utf-8", "utf8")
    try:
        text.encode("utf-8" if unicode else "ascii")
    except UnicodeEncodeError:
        return json.dumps(document, indent=indent, allow_nan=False)
    return text


def _propose(old: str, new: str) -> int:
    from envcheck.adapters.proposing import propose
    from envcheck.contracts import load as load_contract
    from envcheck.targets.files import LocalFiles

    (format_, before), (other, after) = (load_contract(LocalFiles(), path, os.getcwd()) for path in (old, new))
    if format_ != other:
        raise UsageError(f"{old} is {format_}, {new} is {other}", hint="give two versions of one contract")
    say(propose(format_, before, after))
    return 0
