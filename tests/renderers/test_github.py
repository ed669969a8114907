"""The workflow commands: what the runner reads back is what was said, and nothing else is a command."""

from __future__ import annotations

import pytest

from envcheck.renderers._printable import printable
from envcheck.renderers.github import render
from tests.renderers.broken_host import finding as make_finding
from tests.renderers.broken_host import sample_report
from tests.renderers.demanding import HOSTILE, healthy_report, hostile_report, large_report

PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))


def unescaped(text: str, replacements: tuple[tuple[str, str], ...]) -> str:
    for escape, letter in replacements:
        text = text.replace(escape, letter)
    return text


def commands(report) -> list[tuple[str, dict[str, str], str]]:
    """Read a report as the runner does: name, properties and message of every line."""
    text = render(report)
    assert text.endswith("\n")
    read = []
    for line in text.removesuffix("\n").split("\n"):
        assert line.startswith("::")
        head, separator, message = line[2:].partition("::")
        assert separator
        name, _, told = head.partition(" ")
        assert name in ("error", "warning", "notice")
        properties = {}
        for pair in told.split(","):
            key, equals, value = pair.partition("=")
            assert equals
            properties[key] = unescaped(value, PROPERTY)
        read.append((name, properties, unescaped(message, DATA)))
    return read


@pytest.mark.parametrize("make", [sample_report, healthy_report, hostile_report, large_report])
def test_every_line_is_one_command_and_no_finding_is_missing(make):
    report = make()
    read = commands(report)
    assert len(read) == len(report.findings) + 1
    told = {message.split("\n")[0] for _, _, message in read}
    assert {printable(finding.message) for finding in report.findings} <= told


def test_the_finished_report(sample, golden):
    golden(".github.txt", render(sample))


def test_errors_come_first_and_what_is_known_or_waived_is_a_notice(sample):
    read = commands(sample)
    assert [name for name, _, _ in read] == ["error"] * 2 + ["warning"] * 3 + ["notice"] * 4
    said = [message.split("\n")[1] for name, _, message in read[-3:]]
    assert said[0] == "known"
    assert said[2].startswith("waived until 2026-12-31 by ml-team: ")


def test_the_first_notice_is_the_verdict_and_says_what_is_not_shown(sample, healthy):
    assert commands(sample)[5] == (
        "notice",
        {"title": "envcheck"},
        "This will not work as installed.\n2 errors, 4 warnings, 1 note, 1 waived, 1 known, 3 undecided by 143 rules",
    )
    assert commands(healthy) == [
        ("notice", {"title": "envcheck"}, "No problem was found.\nno findings by 143 rules"),
    ]


@pytest.mark.parametrize(
    ("errors", "warnings", "notes", "said"),
    [
        (10, 10, 9, None),
        (11, 0, 0, "1 error more in the log of this step"),
        (25, 13, 9, "15 errors, 3 warnings more in the log of this step"),
        (0, 0, 11, "2 notices more in the log of this step"),
    ],
)
def test_what_is_over_the_limit_of_a_step_is_counted(sample, errors, warnings, notes, said):
    severities = ["error"] * errors + ["warning"] * warnings + ["info"] * notes
    findings = tuple(
        make_finding(number, rule="r", severity=severity, summary="s", message=f"m{number}", why="w")
        for number, severity in enumerate(severities)
    )
    summary = next(
        message for _, properties, message in commands(sample.replace(findings=findings)) if properties["title"] != "r"
    )
    assert summary.split("\n")[2:] == ([said] if said else [])


@pytest.mark.parametrize("text", [*HOSTILE, "50% off, a:b", "%0A::error::no", "a\r\n::error::no", "::stop-commands::x"])
def test_text_is_read_back_as_it_was(sample, text):
    origin = f"conf/{text}:3"
    first = sample.findings[0]
    evidence = (first.evidence[0].replace(origin=origin),)
    hostile = first.replace(rule=text, message=text, why="w", fixes=(), evidence=evidence)
    name, properties, message = commands(sample.replace(findings=(hostile,)))[0]
    assert name == "error"
    assert properties["title"] == printable(text)
    assert properties["file"] == printable(f"conf/{text}")
    assert properties["line"] == "3"
    assert message == f"{printable(text)}\nw"


@pytest.mark.parametrize(
    ("origin", "properties"),
    [
        ("conf/app.yaml:12", {"file": "conf/app.yaml", "line": "12"}),
        ("uv.lock", {"file": "uv.lock"}),
        ("/srv/train/METADATA", {}),
        ("../up.txt:3", {}),
        ("environment", {}),
    ],
)
def test_only_a_file_of_the_tree_is_named(sample, origin, properties):
    first = sample.findings[0]
    placed = first.replace(evidence=(first.evidence[0].replace(origin=origin),))
    _, read, _ = commands(sample.replace(findings=(placed,)))[0]
    assert read == {**properties, "title": first.rule}


def test_of_several_targets_the_title_says_which(sample):
    several = sample.replace(snapshots=(*sample.snapshots, sample.snapshots[0].replace(label="serve")))
    assert commands(several)[0][1]["title"] == "torch-cuda-newer-than-driver in train"
