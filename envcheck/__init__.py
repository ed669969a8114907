"""envcheck: tells before anything is loaded whether a deployment will load.

The names in `__all__` are the public interface (docs/api.md); they are imported when they are first used.
"""

from __future__ import annotations

# These two bear the name of their module: imported later, the module would take the function's place.
from envcheck.derive import derive
from envcheck.gate import gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.errors import DocumentError, EnvcheckError, RuleError, TargetError, UsageError
    from envcheck.fixes.plan import plan
    from envcheck.model.facts import Fact, Facts, Snapshot
    from envcheck.model.reports import Evidence, Finding, Fix, Report, Undecided
    from envcheck.model.rules import Rule, Rulebook, Table
    from envcheck.pipeline import collect, evaluate
    from envcheck.rulebooks import load as load_rules

__version__ = "0.1.0"

__all__ = [
    "DocumentError",
    "EnvcheckError",
    "Evidence",
    "Fact",
    "Facts",
    "Finding",
    "Fix",
    "Report",
    "Rule",
    "RuleError",
    "Rulebook",
    "Snapshot",
    "Table",
    "TargetError",
    "Undecided",
    "UsageError",
    "collect",
    "derive",
    "evaluate",
    "gate",
    "load_rules",
    "plan",
]

_HOMES = {
    "envcheck.errors": ("DocumentError", "EnvcheckError", "RuleError", "TargetError", "UsageError"),
    "envcheck.fixes.plan": ("plan",),
    "envcheck.model.facts": ("Fact", "Facts", "Snapshot"),
    "envcheck.model.reports": ("Evidence", "Finding", "Fix", "Report", "Undecided"),
    "envcheck.model.rules": ("Rule", "Rulebook", "Table"),
    "envcheck.pipeline": ("collect", "evaluate"),
    "envcheck.rulebooks": ("load_rules",),
}


def __getattr__(name: str) -> object:
    for home, held in _HOMES.items():
        if name in held:
            from importlib import import_module

            value = getattr(import_module(home), "load" if name == "load_rules" else name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'envcheck' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
