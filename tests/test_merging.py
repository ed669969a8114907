"""Several reports as one."""

from __future__ import annotations

import pytest

from envcheck.merging import merge
from tests.findings import finding, report, snapshot, undecided


def labels(*paths_and_labels: tuple[str, tuple[str, ...]]) -> list[str]:
    held = [(path, report(snapshots=tuple(map(snapshot, names)))) for path, names in paths_and_labels]
    return [one.label for one in merge(held).snapshots]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ([("a.json", ("linux",)), ("b.json", ("mac",))], ["linux", "mac"]),
        ([("linux.json", (".",)), ("mac.json", (".",))], ["linux", "mac"]),
        ([("a.json", (".", "x")), ("b.json", (".",))], ["a: .", "x", "b"]),
        ([("out/linux/report.json", (".",)), ("out/mac/report.json", (".",))], ["linux/report", "mac/report"]),
        ([("linux/report.json", (".",)), ("mac/report.json", (".",))], ["linux/report", "mac/report"]),
        ([("/srv/1/r.json", (".",)), ("2/r.json", (".",))], ["/srv/1/r", "2/r"]),
        ([("a.json", (".",)), ("b.json", (".",)), ("c.json", ("a",))], ["a (2)", "b", "a"]),
        ([("a.json", (".",))], ["."]),
    ],
)
def test_every_environment_has_a_label_of_its_own(given, made):
    assert labels(*given) == made


def test_findings_and_what_is_undecided_follow_their_environment():
    one = report(finding(target=".", torch="2.4.0"), snapshots=(snapshot("."),))
    other = report(undecided=(undecided("r", "."),), snapshots=(snapshot("."),))
    merged = merge([("linux.json", one), ("mac.json", other)])
    assert [held.target for held in merged.findings] == ["linux"]
    assert [held.target for held in merged.undecided] == ["mac"]


@pytest.mark.parametrize(
    ("verdicts", "merged"),
    [
        (("ok", "ok"), "ok"),
        (("ok", "warnings"), "warnings"),
        (("broken", "undecided"), "broken"),
        (("ok", "undecided"), "undecided"),
        (("warnings", "undecided"), "undecided"),
    ],
)
def test_the_worst_verdict_counts_and_nothing_decided_is_no_health(verdicts, merged):
    held = [(f"{number}.json", report(verdict=verdict)) for number, verdict in enumerate(verdicts)]
    assert merge(held).verdict == merged
    assert merge(list(reversed(held))).verdict == merged


def test_shares_are_weighed_against_the_least_that_was_judged():
    assert merge([("a.json", report(rules=130)), ("b.json", report(rules=7))]).rules == 7


def test_what_every_job_says_of_a_waiver_is_told_once():
    expired = finding("waiver-expired", severity="warning", target="envcheck.yaml", subjects=("x",))
    merged = merge([(f"{name}.json", report(expired)) for name in "abc"])
    assert merged.findings == (expired,)


def test_a_waiver_that_one_job_needs_is_not_unused():
    unused = finding("waiver-unused", severity="info", target="envcheck.yaml", subjects=("x",))
    assert merge([("a.json", report(unused)), ("b.json", report())]).findings == ()
    assert merge([("a.json", report(unused)), ("b.json", report(unused))]).findings == (unused,)
