"""Reads drift policies: `rules: [{key: database.url, environments: [dev, prod], check_consistency: true}]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from envcheck.errors import DocumentError
from envcheck.model.drift import DriftPolicy, KeyRule
from envcheck.model.facts import plain
from envcheck.model.rules import SEVERITIES
from envcheck.plainyaml import complaint, read

if TYPE_CHECKING:
    from envcheck.plainyaml import Document

_HINT = 'rules: [{key: "database.url", environments: [dev, prod], check_consistency: true}]'
_SEVERITIES = SEVERITIES[::-1]  # the worst first
_UNLISTED = ("ignore", "info", "warning")


class RuleForm(msgspec.Struct, forbid_unknown_fields=True):
    """One rule of a policy as written."""

    key: str
    environments: list[str] = []
    check_consistency: bool = False
    ignore_drift: bool = False
    expect: dict[str, object] | list[object] | str | int | bool | None = None
    secret: bool = False
    across_files: bool = False
    severity: str = "error"


class PolicyForm(msgspec.Struct, forbid_unknown_fields=True):
    """A policy as written."""

    rules: list[RuleForm]
    unlisted: str = "ignore"


def read_policy(text: str, where: str) -> DriftPolicy:
    """Return the policy that a YAML text holds; raises DocumentError with file, line and field."""
    documents = read(text, where)
    if len(documents) != 1:
        raise DocumentError("a policy is one YAML document", where=where, hint=_HINT)
    document = documents[0]
    try:
        form = msgspec.convert(document.data, PolicyForm)
    except msgspec.ValidationError as error:
        said = complaint(error)
        problem = f"{said.place or 'the policy'}: {said.problem}"
        raise _refused(document, where, said.path, problem, _HINT) from None
    if form.unlisted not in _UNLISTED:
        raise _refused(document, where, ("unlisted",), f"{form.unlisted!r} is not known", f"one of {_words(_UNLISTED)}")
    rules = tuple(_rule(rule, document, where, number) for number, rule in enumerate(form.rules))
    return DriftPolicy(rules=rules, unlisted=form.unlisted, origin=where)


def _rule(form: RuleForm, document: Document, where: str, number: int) -> KeyRule:
    path: tuple[object, ...] = ("rules", number)
    if not form.key.strip():
        raise _refused(document, where, (*path, "key"), "an empty key", _HINT)
    if form.severity not in _SEVERITIES:
        problem = f"severity {form.severity!r} is not known"
        raise _refused(document, where, (*path, "severity"), problem, f"one of {_words(_SEVERITIES)}")
    if form.ignore_drift and (form.check_consistency or form.expect is not None):
        raise _refused(document, where, path, "ignore_drift beside a check", "keep one of the two")
    if not (form.ignore_drift or form.check_consistency or form.secret) and form.expect in (None, {}):
        hint = "say check_consistency: true, ignore_drift: true, secret: true or expect: {prod: value}"
        raise _refused(document, where, path, f"the rule of {form.key} checks nothing", hint)
    return KeyRule(
        pattern=form.key.strip(),
        origin=f"{where}:{document.line(path)}",
        environments=tuple(form.environments),
        check="ignore" if form.ignore_drift else "consistency" if form.check_consistency else "",
        expect=_expected(form.expect, document, where, (*path, "expect")),
        secret=form.secret,
        across_files=form.across_files,
        severity=form.severity,
    )


def _expected(
    given: dict[str, object] | list[object] | str | int | bool | None,  # noqa: FBT001  a setting may be a boolean
    document: Document,
    where: str,
    path: tuple[object, ...],
) -> tuple[tuple[str, str], ...]:
    if given is None:
        return ()
    values = given if isinstance(given, dict) else {"*": given}
    for name, value in values.items():
        if isinstance(value, (list, dict)) or value is None:
            problem = f"what is expected in {name} is no single value"
            hint = "expect: {prod: 30, dev: 5}; every item of a list is a key of its own, such as hosts.0"
            raise _refused(document, where, (*path, name), problem, hint)
    return tuple((name, plain(value)) for name, value in values.items())


def _refused(document: Document, where: str, path: tuple[object, ...], problem: str, hint: str) -> DocumentError:
    return DocumentError(problem, where=f"{where}:{document.line(path)}", hint=hint)


def _words(choices: tuple[str, ...]) -> str:
    return ", ".join(choices)
