"""A report as JUnit XML, for the test views of Jenkins, GitLab and others: a suite a target, a test case a finding.

A new error is a failure. Warnings and notes are passed cases that tell the finding in `system-out`: a view that turns
red for what may still work is soon ignored, and whether the build fails is the gate's to say. A known finding passes
and says so. A waived one is skipped, with who waived it, how long and why. A suite without findings has one case,
`rules`, which passes, or is skipped where nothing could be decided. How many rules stayed undecided is a property.

Cases are named by what they are about and classed by rule; GitLab drops the second of two cases of one name.
https://docs.gitlab.com/ci/testing/unit_test_reports/#junit-xml-format-specification
https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from envcheck.model.reports import KNOWN, NEW, WAIVED
from envcheck.model.rules import ERROR
from envcheck.renderers import _outline as outline
from envcheck.renderers._printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from envcheck.model.reports import Finding, Report

SUFFIX = ".xml"

_NAME = "envcheck"


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as ASCII XML; width and colour do not matter."""
    del width, colour
    from xml.etree.ElementTree import Element, indent, tostring

    held: dict[str, list[Finding]] = {snapshot.label: [] for snapshot in report.snapshots}
    for finding in outline.worst_first(report.findings):
        held.setdefault(finding.target, []).append(finding)
    root = Element("testsuites", name=_NAME)
    for target, findings in (held or {_NAME: []}).items():
        root.append(_suite(target, findings, report))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    indent(root, " ")
    # References for all that is not ASCII, so that no encoding of standard output can make the declaration a lie.
    text: str = tostring(root, encoding="us-ascii").decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(target: str, findings: Sequence[Finding], report: Report) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    open_ = len({entry.rule for entry in report.undecided if entry.target == target})
    several = len(report.snapshots) > 1
    suite = Element("testsuite", name=printable(target))
    properties = SubElement(suite, "properties")
    for name, value in (("tool", report.tool), ("verdict", report.verdict), ("undecided", str(open_))):
        SubElement(properties, "property", name=name, value=printable(value))
    taken: set[tuple[str, str]] = set()
    for finding in findings:
        suite.append(_case(finding, taken, where=f" in {target}" if several else ""))
    if not findings:
        case = SubElement(
            suite, "testcase", classname=_NAME, name=f"rules in {printable(target)}" if several else "rules"
        )
        if report.verdict == "undecided" or _unseen(target, report):
            SubElement(case, "skipped", message="could not be decided: what the rules ask for is not known")
    counts = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
    for count, path in (counts | {"skipped": "testcase/skipped"}).items():
        suite.set(count, str(len(suite.findall(path))))
    return suite


def _unseen(target: str, report: Report) -> bool:
    """Tell whether no package of a target could be seen: then it is not healthy because nothing was found."""
    return any(
        snapshot.label == target and snapshot.gap("package") is not None and not snapshot.entities("package")
        for snapshot in report.snapshots
    )


def _case(finding: Finding, taken: set[tuple[str, str]], *, where: str) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    rule = printable(finding.rule)
    name = printable((", ".join(finding.subjects) or finding.message) + where)
    if (rule, name) in taken:
        name += f" {printable(finding.fingerprint)}"
    taken.add((rule, name))
    case = Element("testcase", classname=rule, name=name)
    if finding.status == WAIVED:
        SubElement(case, "skipped", message=printable(outline.standing(finding))).text = _details(finding)
    elif finding.status == NEW and finding.severity == ERROR:
        failure = SubElement(case, "failure", message=printable(finding.message), type=printable(finding.cause) or rule)
        failure.text = _details(finding)
    else:
        known = f"{KNOWN} " if finding.status == KNOWN else ""
        SubElement(case, "system-out").text = f"{known}{printable(finding.severity)}: {_details(finding)}"
    return case


def _details(finding: Finding) -> str:
    """Return the message with all that supports it, as lines that hold nothing XML forbids."""
    lines = [finding.message, finding.why, outline.confidence(finding)]
    lines += [f"{entry.key} = {entry.value}  {entry.origin}".rstrip() for entry in finding.evidence]
    lines += [line for fix in finding.fixes for line in outline.advice(fix)]
    lines += [f"source: {source}" for source in finding.sources]
    return "\n".join(printable(line) for line in lines if line)
