"""JSON Schema: a file of its own says nothing of who writes and who reads, so that a change concerns both."""

from __future__ import annotations

from envcheck.contracts import documents
from envcheck.contracts.difference import BOTH
from envcheck.contracts.schemas import Comparison
from envcheck.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envcheck.contracts.difference import Difference
    from envcheck.contracts.files import Beside


def read(text: str, where: str, beside: Beside | None = None) -> Any:
    """Return the schema without prose, files that it refers to inside; raises DocumentError."""
    return kept(documents.read(text, where), where, beside)


def kept(data: Any, where: str, beside: Beside | None = None) -> Any:
    """Return what is kept of a parsed schema; raises DocumentError."""
    if not isinstance(data, (dict, bool)):
        raise DocumentError(
            "a JSON schema is a mapping, true or false", where=where, hint="see https://json-schema.org"
        )
    return documents.bundled(documents.cleaned(data), where, beside)


def compare(old: Any, new: Any) -> list[Difference]:
    """Return the differences of two schemas."""
    comparison = Comparison(old, new)
    comparison.run(old, new, BOTH, "$")
    return comparison.found
