"""envcheck: tells before anything is loaded whether a deployment will load.

The names in `__all__` are the public interface (docs/api.md); they are imported when they are first used.
"""

from __future__ import annotations

# These two bear the name of their module: imported later, the module would take the function's place.
from envcheck.derive import derive
from envcheck.gate import gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.adapters import Adapter
    from envcheck.comparison import compare
    from envcheck.drift.history import Conflict
    from envcheck.drift.history import merge as merge_snapshots
    from envcheck.errors import DocumentError, EnvcheckError, RuleError, TargetError, UsageError
    from envcheck.explanation import explain
    from envcheck.failures import read as read_log
    from envcheck.fixes.plan import plan
    from envcheck.gate import decide
    from envcheck.merging import merge as merge_reports
    from envcheck.model.drift import Change, Drift, DriftPolicy, Effect, KeyRule, Kinship, Side
    from envcheck.model.explanation import Explanation, Suspect
    from envcheck.model.facts import Fact, Facts, Snapshot
    from envcheck.model.failures import Event, Failure
    from envcheck.model.policy import Acceptance, Decision, GatePolicy, Limit, UnitTests, Waiver
    from envcheck.model.reports import Evidence, Finding, Fix, Report, Undecided
    from envcheck.model.rules import Rule, Rulebook, Table
    from envcheck.pipeline import collect, evaluate
    from envcheck.rulebooks import load as load_rules
    from envcheck.rulebooks import load_failures as load_failure_rules

__version__ = "0.1.0"

__all__ = [
    "Acceptance",
    "Adapter",
    "Change",
    "Conflict",
    "Decision",
    "DocumentError",
    "Drift",
    "DriftPolicy",
    "Effect",
    "EnvcheckError",
    "Event",
    "Evidence",
    "Explanation",
    "Fact",
    "Facts",
    "Failure",
    "Finding",
    "Fix",
    "GatePolicy",
    "KeyRule",
    "Kinship",
    "Limit",
    "Report",
    "Rule",
    "RuleError",
    "Rulebook",
    "Side",
    "Snapshot",
    "Suspect",
    "Table",
    "TargetError",
    "Undecided",
    "UnitTests",
    "UsageError",
    "Waiver",
    "collect",
    "compare",
    "decide",
    "derive",
    "evaluate",
    "explain",
    "gate",
    "load_failure_rules",
    "load_rules",
    "merge_reports",
    "merge_snapshots",
    "plan",
    "read_log",
]

_HOMES = {
    "envcheck.adapters": ("Adapter",),
    "envcheck.comparison": ("compare",),
    "envcheck.drift.history": ("Conflict", "merge_snapshots"),
    "envcheck.errors": ("DocumentError", "EnvcheckError", "RuleError", "TargetError", "UsageError"),
    "envcheck.explanation": ("explain",),
    "envcheck.failures": ("read_log",),
    "envcheck.fixes.plan": ("plan",),
    "envcheck.gate": ("decide",),
    "envcheck.merging": ("merge_reports",),
    "envcheck.model.drift": ("Change", "Drift", "DriftPolicy", "Effect", "KeyRule", "Kinship", "Side"),
    "envcheck.model.explanation": ("Explanation", "Suspect"),
    "envcheck.model.facts": ("Fact", "Facts", "Snapshot"),
    "envcheck.model.failures": ("Event", "Failure"),
    "envcheck.model.policy": ("Acceptance", "Decision", "GatePolicy", "Limit", "UnitTests", "Waiver"),
    "envcheck.model.reports": ("Evidence", "Finding", "Fix", "Report", "Undecided"),
    "envcheck.model.rules": ("Rule", "Rulebook", "Table"),
    "envcheck.pipeline": ("collect", "evaluate"),
    "envcheck.rulebooks": ("load_failure_rules", "load_rules"),
}
# What is called otherwise at home, where it needs no further name.
_OWN_NAMES = {
    "load_failure_rules": "load_failures",
    "load_rules": "load",
    "merge_reports": "merge",
    "merge_snapshots": "merge",
    "read_log": "read",
}


def __getattr__(name: str) -> object:
    for home, held in _HOMES.items():
        if name in held:
            from importlib import import_module

            value = getattr(import_module(home), _OWN_NAMES.get(name, name))
            globals()[name] = value
            return value
    raise AttributeError(f"module 'envcheck' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
