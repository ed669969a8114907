"""What names of a file certainly hold: true or false, or the version of something."""

from __future__ import annotations

from envcheck.pysource.asked import condition, version_of
from envcheck.pysource.conditions import decide

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    from envcheck.pysource.conditions import Python


class Known:
    """The flags and versions of one scope; a name that is bound twice has none, nor has one that may not be bound."""

    def __init__(self, python: Python, outer: Known | None = None) -> None:
        self.python = python
        self.flags: dict[str, bool] = dict(outer.flags) if outer else {}
        self.versions: dict[str, str] = dict(outer.versions) if outer else {}
        self.bound: set[str] = set()
        self.depth: int = outer.depth if outer else 0  # of branches that may not be taken

    def bind(self, name: str) -> bool:
        """Note that a name is bound to anything; return whether it was not before."""
        first = name not in self.bound
        self.bound.add(name)
        self.flags.pop(name, None)
        self.versions.pop(name, None)
        return first

    def assign(self, name: str, value: ast.expr) -> None:
        """Note that a name is bound to a value."""
        truth, what = self.decide(value), version_of(value, self.versions)
        if not self.bind(name):
            return
        if truth is not None and not self.depth:
            self.flags[name] = truth
        if what:
            self.versions[name] = what

    def decide(self, test: ast.expr) -> bool | None:
        """Return the truth of a test, None where it cannot be told."""
        return decide(test, self.python, self.flags)

    def asked(self, test: ast.expr) -> tuple[tuple[str, ...] | None, bool]:
        """Return the condition on another distribution that a test is, see `asked`, and whether it is to hold."""
        return condition(test, self.versions)
