"""Which findings an earlier state has, too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.engine.baseline import compare_with, compare_with_report
from envcheck.model.policy import Waiver
from envcheck.model.reports import KNOWN, NEW, WAIVED
from tests.findings import finding, report, snapshot

OLD = finding(torch="2.4.0", facts={"cuda#driver": "535.104.05"})
WAIVER = Waiver(rule="torch-too-old", reason="it works", owner="me", origin="envcheck.yaml:2")


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (OLD, KNOWN),
        (OLD.replace(target="elsewhere", message="in other words"), KNOWN),
        (finding(torch="2.4.0", facts={"cuda#driver": "535.104.05"}, table="torch 2.4, source new"), KNOWN),
        (finding(torch="2.4.0", facts={"cuda#driver": "535.104.05"}, origin="/moved/METADATA"), KNOWN),
        (finding(torch="2.4.0", facts={"cuda#driver": "535.104.05", "host#shm_free": "12 MiB"}), KNOWN),
        (finding(torch="2.4.0", facts={"cuda#driver": "535.104.05", "python#prefix": "/moved"}), KNOWN),
        (finding(torch="2.4.1", facts={"cuda#driver": "535.104.05"}), NEW),
        (finding(torch="2.4.0", facts={"cuda#driver": "550.54.15"}), NEW),
        (finding(torch="2.4.0"), NEW),
        (finding("other-rule", torch="2.4.0", facts={"cuda#driver": "535.104.05"}), NEW),
        (OLD.replace(severity="warning"), KNOWN),
        (OLD.replace(status=WAIVED, waiver=WAIVER), WAIVED),
    ],
)
def test_known_is_what_has_the_same_fingerprint_and_the_same_values(now, status):
    (compared,) = compare_with([now], [OLD])
    assert compared == now.replace(status=status)


def test_what_has_become_worse_is_new():
    assert compare_with([OLD], [OLD.replace(severity="warning")])[0].status == NEW


def test_what_was_only_waived_counts_again_once_its_waiver_has_ended():
    assert compare_with([OLD], [OLD.replace(status=WAIVED, waiver=WAIVER)])[0].status == NEW


def test_one_of_several_of_a_fingerprint_suffices():
    other = finding(torch="2.3.0", fingerprint=OLD.fingerprint)
    assert compare_with([OLD], [other, OLD])[0].status == KNOWN


def test_the_same_environment_under_another_path_is_the_same():
    earlier = report(OLD.replace(target="/home/ci/1/venv"), snapshots=(snapshot("/home/ci/1/venv"),))
    assert compare_with_report([OLD], ["prod"], earlier)[0].status == KNOWN


def test_what_another_environment_had_is_new_in_this_one():
    earlier = report(OLD, snapshots=(snapshot("prod"), snapshot("dev")))
    both = [OLD, OLD.replace(target="dev")]
    assert [one.status for one in compare_with_report(both, ["prod", "dev"], earlier)] == [KNOWN, NEW]
    alone = report(OLD, snapshots=(snapshot("prod"),))
    assert [one.status for one in compare_with_report(both, ["prod", "dev"], alone)] == [KNOWN, NEW]


FINDINGS = st.lists(
    st.builds(
        lambda rule, version, severity: finding(rule, torch=version, severity=severity),
        st.sampled_from(("torch-too-old", "torch-too-new")),
        st.sampled_from(("2.4.0", "2.5.0")),
        st.sampled_from(("error", "warning")),
    ),
    max_size=5,
)


@given(FINDINGS)
def test_everything_is_known_to_itself(findings):
    assert all(one.status == KNOWN for one in compare_with(findings, findings))


@given(FINDINGS, FINDINGS)
def test_comparing_changes_nothing_but_the_status_and_knows_only_what_is_there(findings, baseline):
    compared = compare_with(findings, baseline)
    assert [one.replace(status=NEW) for one in compared] == findings
    for one in compared:
        if one.status == KNOWN:
            same = [old for old in baseline if old.fingerprint == one.fingerprint]
            assert any(old.evidence == one.evidence for old in same)


@given(FINDINGS, FINDINGS, FINDINGS)
def test_a_larger_baseline_knows_no_less(findings, baseline, more):
    less = compare_with(findings, baseline)
    larger = compare_with(findings, [*baseline, *more])
    assert all(new.status == KNOWN for old, new in zip(less, larger, strict=True) if old.status == KNOWN)
