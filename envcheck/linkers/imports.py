"""Takes the import-time steps of modules as the interpreter would, and notes each one that must fail.

Nothing is run: what a step needs is looked up in the summaries of the files. A step whose outcome depends on anything
that the summaries do not tell is undetermined, and so is what follows from it.
"""

from __future__ import annotations

from envcheck.linkers.breaks import Break, catches
from envcheck.linkers.finder import DYNAMIC, MISSING, NAMESPACE, SOURCE
from envcheck.linkers.offers import absolute
from envcheck.pysource.summary import BODY, FROM, IMPORT, MAYBE, RAISE, STAR, TRY, USE, WHEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from envcheck.linkers.finder import Module
    from envcheck.linkers.offers import Offers
    from envcheck.pysource.summary import Step

    # What a step comes to: None if it completes, MAYBE_NOT, or the exception's name with the break that raises it.
    Outcome: TypeAlias = tuple[str, Break | None] | None

_DEEPEST, _DEEPEST_NAME = 1_500, 100  # imports within imports, and parts of a name, that are followed
MAYBE_NOT: tuple[str, None] = ("", None)


class Imports:
    """The modules of one environment, each taken at most once."""

    def __init__(self, offers: Offers, unloadable: Mapping[str, str]) -> None:
        self.offers = offers
        self.finder = offers.finder
        self._read = offers.read
        self._unloadable = unloadable  # compiled files that cannot be loaded, and why
        self.outcomes: dict[str, Outcome] = {}
        self.breaks: dict[tuple[str, int, str, str], Break] = {}
        self.bodies: list[tuple[Module, Step]] = []
        self.importers: dict[str, set[str]] = {}
        self.deferred: dict[str, str] = {}  # modules that may be imported, and by whom
        self._fine: set[tuple[str, str, tuple[str, ...], tuple[str, ...] | None]] = set()  # uses that complete
        self._current: Module | None = None
        self._within = ""
        self._depth = 0
        self._certain = True
        self._unsure = False
        self._shallow = False
        self._taken_by = {
            IMPORT: self._plain,
            FROM: self._from,
            STAR: self._star,
            USE: self._used,
            RAISE: self._raise,
            TRY: self._try,
            MAYBE: self._maybe,
            WHEN: self._when,
            BODY: self._keep_body,
        }

    # Modules

    def take(self, name: str) -> Outcome:
        """Import a module and those above it; MISSING modules are the caller's to judge."""
        if name in self.outcomes:
            return self.outcomes[name]
        self.outcomes[name] = None  # a cycle finds it half done, and goes on
        if self._depth > _DEEPEST or name.count(".") > _DEEPEST_NAME:
            self.outcomes[name] = MAYBE_NOT
            return MAYBE_NOT
        self._depth += 1
        parent = name.rpartition(".")[0]
        above = self.take(parent) if parent else None
        self.outcomes[name] = above if above is not None and above[1] is not None else self._take(name) or above
        self._depth -= 1
        return self.outcomes[name]

    def _take(self, name: str) -> Outcome:
        module = self.finder.find(name)
        if module.path in self._unloadable:
            why = self._unloadable[module.path]
            return "ImportError", self._note(Break(name, module.path, 0, "binary", name, why, module.path))
        if module.kind != SOURCE:
            return MAYBE_NOT if module.kind == DYNAMIC else None
        summary = self._read(module.path)
        if summary.problem.startswith("?"):
            return MAYBE_NOT
        if summary.problem:
            broken = Break(name, module.path, summary.line, "syntax", name, summary.problem, module.path)
            return "SyntaxError", self._note(broken)
        self.offers.note(module, summary)
        before = self._current, self._within, self._certain, self._unsure
        self._current, self._within, self._certain, self._unsure = module, "", True, False
        outcome = self.run(summary.steps)
        self._current, self._within, self._certain, self._unsure = before
        return outcome

    # Questions

    def files(self) -> frozenset[str]:
        """Return the files of the modules that were taken."""
        return frozenset(self.finder.find(name).path for name in self.outcomes) - {""}

    def cause(self, name: str) -> Break | None:
        """Return the break by which the import of a module fails."""
        outcome = self.take(name)
        return None if outcome is None else outcome[1]

    def hidden(self, name: str) -> Break | None:
        """Return a break where a file of the program's folder stands in the place of what a module lies in."""
        path = self.finder.hidden(name)
        if not path:
            return None
        top, _, rest = name.partition(".")
        return self._note(Break(name, path, 1, "name", top, rest, self.finder.find(top).path))

    def foreign(self, name: str) -> Break | None:
        """Return a break where a top-level module is there for other Pythons alone."""
        path = self.finder.foreign(name)
        return self._note(Break(name, path, 0, "module", name, "", path)) if path else None

    def lacking(self, module: str, attribute: str) -> Break | None:
        """Return a break where an entry point's module is there but not its attribute."""
        found = self.finder.find(module)
        name = attribute.partition(".")[0].partition("[")[0].strip()
        if not name or found.kind != SOURCE or self.offers.offers(found, name) is not False:
            return None
        if self.offers.below(found, name) is not None:
            return None
        return self._note(Break(module, found.path, 0, "name", module, name, found.path))

    def body(self, module: Module, body: Step) -> Break | None:
        """Return the break by which a call of a function fails; no module is taken that was not taken before."""
        self._current, self._within, self._certain, self._shallow = module, body[2], True, True
        outcome = self.run(body[3])
        self._shallow = False
        return None if outcome is None else outcome[1]

    # Steps

    def run(self, steps: Iterable[Step]) -> Outcome:
        """Take steps in order; the first that fails decides, and those behind it are taken for what else is wrong."""
        outcome: Outcome = None
        for step in steps:
            came = self._step(step)
            if came is not None and (outcome is None or (outcome[1] is None and came[1] is not None)):
                outcome = came
        return outcome

    def _step(self, step: Step) -> Outcome:
        return self._taken_by[step[0]](step)

    def _keep_body(self, step: Step) -> Outcome:
        assert self._current is not None
        if not self._unsure:  # else the function may not be there
            self.bodies.append((self._current, step))
        return None

    def _raise(self, step: Step) -> Outcome:
        assert self._current is not None
        if self._within:
            return MAYBE_NOT  # a function that raises does what it is for
        return step[2], self._break(step[1], "raised", self._current.name, step[2], self._current.path)

    def _maybe(self, step: Step) -> Outcome:
        certain, self._certain = self._certain, False
        unsure, self._unsure = self._unsure, True
        one, other = self.run(step[1]), self.run(step[2])
        self._certain, self._unsure = certain, unsure
        if one is not None and other is not None and one[1] is not None and other[1] is not None:
            return one if one[0] == other[0] else ("", one[1])  # one of the two, which may be caught or not
        return None if one is None and other is None else MAYBE_NOT

    def _when(self, step: Step) -> Outcome:
        """Take the branch that the installed version, or what a module offers, chooses."""
        assert self._current is not None
        truth = self.offers.holds(step[1], self._current)
        return self._maybe(step[1:]) if truth is None else self.run(step[2] if truth else step[3])

    def _try(self, step: Step) -> Outcome:
        _, body, handlers, otherwise, final = step
        certain = self._certain
        self._certain = certain and not handlers
        outcome = self.run(body)
        self._certain = certain
        if outcome is None:
            outcome = self.run(otherwise)
        elif outcome[1] is None:
            self._certain, unsure, self._unsure = False, self._unsure, True
            for _, inner in handlers:
                self.run(inner)
            self.run(otherwise)
            self._certain, self._unsure = certain, unsure
        else:
            outcome = self._handled(outcome, handlers)
        last = self.run(final)
        return outcome if outcome is not None and outcome[1] is not None else last or outcome

    def _handled(
        self, raised: tuple[str, Break | None], handlers: Iterable[tuple[tuple[str, ...], tuple[Step, ...]]]
    ) -> Outcome:
        """Return what becomes of an exception: caught, passed on, or another one."""
        for caught, steps in handlers:
            fits = [catches(name, raised[0]) for name in caught]
            if True in fits:
                outcome = self.run(steps)
                if outcome is not None and outcome[1] is not None and outcome[1].problem == "raised":
                    return outcome[0] or raised[0], raised[1]  # it says so in other words
                return outcome
            if None in fits:
                return MAYBE_NOT
        return raised

    def _plain(self, step: Step) -> Outcome:
        return self._import(step[1], step[2])

    def _star(self, step: Step) -> Outcome:
        base = self._absolute(step[2], step[3])
        return self._import(step[1], base) if base else MAYBE_NOT

    def _import(self, line: int, name: str) -> Outcome:
        outcome = self._take_for(name)
        if outcome is not None and outcome[1] is not None:
            return outcome
        return self._missing(line, name) or outcome

    def _take_for(self, name: str) -> Outcome:
        assert self._current is not None
        if self._unsure or (self._shallow and name not in self.outcomes):
            self.deferred.setdefault(name, self._current.name)
            return self.outcomes.get(name, MAYBE_NOT)
        if self._certain:
            self.importers.setdefault(name, set()).add(self._current.name)
        return self.take(name)

    def _missing(self, line: int, name: str) -> Outcome:
        """Return a break where a module is certainly not there."""
        if self.finder.find(name).kind != MISSING:
            return None
        wanted = name
        while "." in wanted and self.finder.find(wanted.rpartition(".")[0]).kind == MISSING:
            wanted = wanted.rpartition(".")[0]
        assert self._current is not None
        if self.offers.may_appear(wanted, self._current.name):
            return MAYBE_NOT
        above = wanted.rpartition(".")[0]
        provider = self.finder.find(above) if above else None
        return "ModuleNotFoundError", self._break(line, "module", name, "", provider.path if provider else "")

    def _from(self, step: Step) -> Outcome:
        _, line, level, module, names = step
        base = self._absolute(level, module)
        if not base:
            return MAYBE_NOT
        outcome = self._import(line, base)
        if outcome is not None and outcome[1] is not None:
            return outcome
        found = self.finder.find(base)
        for name in names:
            came = self._one_from(line, found, name)
            if came is not None and (outcome is None or outcome[1] is None):
                outcome = came
        return outcome

    def _one_from(self, line: int, found: Module, name: str) -> Outcome:
        assert self._current is not None
        if found.name == self._current.name and found.folders and self.offers.below(found, name) is not None:
            return self._take_for(f"{found.name}.{name}")  # what binds the name is this very import
        offered = self.offers.offers(found, name)
        if offered:
            return None
        inner = f"{found.name}.{name}"
        if found.folders and self.finder.find(inner).kind != MISSING:
            return self._take_for(inner)
        if offered is None or (found.folders and self.offers.may_appear(inner, self._current.name)):
            self._break(line, "name", found.name, name, found.path).dynamic = True
            return MAYBE_NOT
        return "ImportError", self._break(line, "name", found.name, name, found.path)

    def _used(self, step: Step) -> Outcome:
        """Take a use; one that completes does so wherever it stands in the file."""
        assert self._current is not None
        use = (self._current.name, step[2], step[3], step[4])
        if use in self._fine:
            return None
        outcome = self._use(step)
        if outcome is None:
            self._fine.add(use)
        return outcome

    def _use(self, step: Step) -> Outcome:
        _, line, alias, attributes, keywords = step
        assert self._current is not None
        summary = self._read(self._current.path)
        if alias not in summary.aliases:
            return None
        module = self.offers.module_of(self._current, summary.aliases[alias])
        if module is None:
            level, base, member = summary.aliases[alias]
            origin = self.offers.origin(self._current, level, base, member) if keywords and not attributes else None
            return None if origin is None else self._called(line, *origin, keywords)
        for place, attribute in enumerate(attributes):
            last = place == len(attributes) - 1
            inner = self.offers.submodule(module, attribute)
            if inner is not None:
                module = inner
                continue
            offered = self.offers.offers(module, attribute)
            if offered:
                return self._called(line, module, attribute, keywords) if last and keywords else None
            if offered is None or (not last and module.kind == NAMESPACE):
                self._break(line, "attribute", module.name, attribute, module.path).dynamic = True
                return MAYBE_NOT
            return "AttributeError", self._break(line, "attribute", module.name, attribute, module.path)
        return None

    def _called(self, line: int, module: Module, name: str, keywords: tuple[str, ...]) -> Outcome:
        """Return a break where a plain function is called with a keyword that it does not take."""
        if module.kind != SOURCE or {(module.name, name), (module.name, "*")} & self.offers.assigned:
            return None
        taken = self._read(module.path).functions.get(name)
        if taken is None or taken[2]:
            return None
        gone = [keyword for keyword in keywords if keyword not in taken[0] and keyword not in taken[1]]
        return (
            ("TypeError", self._break(line, "argument", f"{module.name}.{name}", gone[0], module.path))
            if gone
            else None
        )

    def _absolute(self, level: int, module: str) -> str:
        assert self._current is not None
        return absolute(self._current, level, module)

    def _break(self, line: int, problem: str, module: str, name: str, provider: str) -> Break:
        assert self._current is not None
        broken = Break(self._current.name, self._current.path, line, problem, module, name, provider)
        broken.within = self._within
        return self._note(broken)

    def _note(self, broken: Break) -> Break:
        return self.breaks.setdefault((broken.path, broken.line, broken.module, broken.name), broken)
