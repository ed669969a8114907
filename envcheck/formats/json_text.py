"""JSON as texts with lines: numbers keep their spelling, a key that stands twice is noticed."""

from __future__ import annotations

import json
import re

from envcheck.formats.tree import Builder, FormatError, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.formats.tree import Tree

_TOKEN = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*"|[^\s,:\[\]{}"]+')


def read(text: str) -> Tree:
    """Return the tree; raises FormatError."""
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise FormatError(f"not valid JSON: {error.msg}", error.lineno) from None
    except RecursionError:
        raise FormatError("nested too deeply") from None
    builder = Builder()
    line, seen = 1, 0
    # The text is known to be valid, so brackets, strings and words in their order are all there is to follow.
    for match in _TOKEN.finditer(text):
        token, start = match[0], match.start()
        line += text.count("\n", seen, start)
        seen = start
        first = token[0]
        if first == "{":
            builder.begin({}, line)
        elif first == "[":
            builder.begin([], line)
        elif first in "}]":
            builder.end()
        else:
            quoted = first == '"'
            builder.add(Node(json.loads(token) if quoted else token, line, bare=not quoted))
    return builder.tree()
