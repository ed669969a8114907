"""Reads JUnit XML: how many tests ran, and which failed. A DOCTYPE, without which there are no entities, is refused."""

from __future__ import annotations

from xml.parsers import expat

from envcheck.errors import DocumentError
from envcheck.model.policy import UnitTests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_ROOTS = ("testsuites", "testsuite")
_FAILED = ("failure", "error")
_COUNTS = ("failures", "errors")
_MOST_DIGITS = 6  # of a count
_HINT = "give the JUnit XML that a test runner writes, such as that of pytest --junit-xml"


def read(data: bytes, where: str) -> UnitTests:
    """Return the results of one file; raises DocumentError with file and line."""
    reading = _Reading(where)
    try:
        reading.parser.Parse(data, True)  # noqa: FBT003  it takes no keyword
    except expat.ExpatError as error:
        problem = expat.ErrorString(error.code)
        raise DocumentError(f"not XML: {problem}", where=f"{where}:{error.lineno}", hint=_HINT) from None
    except (ValueError, LookupError) as error:  # an encoding that does not exist, or cannot be read
        raise DocumentError(f"not XML: {error}", where=where, hint=_HINT) from None
    return UnitTests(ran=reading.ran, failed=tuple(reading.failed))


def together(results: Iterable[UnitTests]) -> UnitTests:
    """Return the results of several files as one."""
    held = tuple(results)
    return UnitTests(ran=sum(each.ran for each in held), failed=tuple(name for each in held for name in each.failed))


class _Reading:
    """Counts test cases while the document goes by, so that neither its size nor its depth matters."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.ran = 0
        self.failed: list[str] = []
        self.open: list[str] = []
        self.suites: list[tuple[dict[str, str], int]] = []  # the open ones, with the number of tests seen before them
        self.seen = 0
        self.name = self.outcome = ""
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def refuse(self, *_declared: object) -> None:
        where = f"{self.where}:{self.parser.CurrentLineNumber}"
        raise DocumentError("it has a DOCTYPE, whose entities are not read", where=where, hint="remove the DOCTYPE")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self.open[-1] if self.open else ""
        if not parent and tag not in _ROOTS:
            where = f"{self.where}:{self.parser.CurrentLineNumber}"
            raise DocumentError(f"no test results: it begins with <{tag}>", where=where, hint=_HINT)
        if tag in _ROOTS:
            self.suites.append((attributes, self.seen))
        elif tag == "testcase":
            self.seen += 1
            names = (attributes.get("classname", ""), attributes.get("name", ""))
            self.name, self.outcome = ".".join(filter(None, names)) or "a test without a name", "passed"
        elif parent == "testcase" and tag in (*_FAILED, "skipped") and self.outcome != "failed":
            self.outcome = "failed" if tag in _FAILED else "skipped"
        elif parent == "testsuite" and tag in _FAILED:  # the suite itself, before or after its tests
            self.count(1, 1)
        self.open.append(tag)

    def end(self, tag: str) -> None:
        self.open.pop()
        if tag == "testcase":
            self.ran += self.outcome != "skipped"
            self.failed += [self.name] * (self.outcome == "failed")
        elif tag in _ROOTS:
            said, before = self.suites[-1]
            if self.seen == before:  # a summary, which names no test
                tests, skipped, *failed = (_number(said.get(name)) for name in ("tests", "skipped", *_COUNTS))
                self.seen += skipped
                self.count(max(tests - skipped, sum(failed)), sum(failed))
            self.suites.pop()

    def count(self, ran: int, failed: int) -> None:
        """Count tests of which only their suite, the innermost open one, is known."""
        self.seen += ran
        self.ran += ran
        self.failed += [self.suites[-1][0].get("name") or "a test suite without a name"] * failed


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
