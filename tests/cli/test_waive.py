"""`envcheck waive`, and what a check makes of waivers."""

from __future__ import annotations

import json

import pytest

from tests.environments import make_venv
from tests.program import envcheck

RULE = "torchvision-built-for-other-torch"
SAID = ("--until", "2999-12-31", "--reason", "works: tested in CI", "--owner", "platform")


@pytest.fixture
def folder(tmp_path):
    """Return a folder with an environment in which torchvision is of another torch, and the report of it."""
    make_venv(tmp_path / ".venv", {"torch": "2.4.0", "torchvision": "0.14.0"})
    ended = envcheck("check", "-o", "report.json", cwd=tmp_path)
    assert ended.returncode == 1
    return tmp_path


def found(folder, *words: str) -> dict[str, dict[str, object]]:
    ended = envcheck("check", "--format", "json", *words, cwd=folder)
    return {finding["rule"]: finding for finding in json.loads(ended.stdout)["findings"]}


def fingerprint(folder) -> str:
    held = json.loads((folder / "report.json").read_text())["findings"]
    return str(next(finding["fingerprint"] for finding in held if finding["rule"] == RULE))


@pytest.mark.parametrize("words", [(), ("--report", "report.json")], ids=["checked", "from a report"])
@pytest.mark.parametrize("named", ["rule", "fingerprint", "its beginning"])
def test_a_waived_finding_no_longer_fails_and_is_shown(folder, words, named):
    whole = fingerprint(folder)
    ended = envcheck("waive", {"rule": RULE, "fingerprint": whole}.get(named, whole[:8]), *words, *SAID, cwd=folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(".envcheck-waivers.yaml:1\n- rule: torchvision-built-for-other-torch\n")
    assert (folder / ".envcheck-waivers.yaml").read_text() == ended.stdout.partition("\n")[2]
    checked = envcheck("check", cwd=folder)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "waived" in checked.stdout
    waiver = found(folder)[RULE]["waiver"]
    assert isinstance(waiver, dict)
    assert (waiver["package"], waiver["reason"]) == ("torchvision ==0.14.0", "works: tested in CI")


def test_it_lapses_with_the_version(folder):
    envcheck("waive", RULE, *SAID, cwd=folder)
    site = next((folder / ".venv").glob("lib/*/site-packages"))
    (site / "torchvision-0.14.0.dist-info").rename(site / "torchvision-0.18.0.dist-info")
    metadata = site / "torchvision-0.18.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("0.14.0", "0.18.0"))
    assert found(folder)[RULE]["status"] == "new"
    assert found(folder)["waiver-unused"]["severity"] == "info"


def test_versions_may_be_given(folder):
    ended = envcheck("waive", RULE, *SAID, "--package", "torch >=2.4,<2.5", "--ticket", "OPS-1", cwd=folder)
    assert 'package: "torch >=2.4,<2.5"' in ended.stdout
    assert 'ticket: "OPS-1"' in ended.stdout
    assert found(folder)[RULE]["status"] == "waived"


def test_what_stands_in_the_file_stays(folder):
    text = "# accepted by us\n- rule: input-not-read  # for now\n  reason: known\n  owner: me"
    (folder / ".envcheck-waivers.yaml").write_text(text)
    ended = envcheck("waive", RULE, *SAID, cwd=folder)
    assert ended.stdout.startswith(".envcheck-waivers.yaml:5\n")
    assert (folder / ".envcheck-waivers.yaml").read_text().startswith(f"{text}\n- rule: {RULE}\n")
    assert found(folder)[RULE]["status"] == "waived"


def test_the_project_file_serves_as_well(folder):
    (folder / "envcheck.yaml").write_text("config: []\nwaivers:\n")
    assert envcheck("waive", RULE, *SAID, "--file", "envcheck.yaml", cwd=folder).returncode == 0
    assert found(folder)[RULE]["status"] == "waived"


def test_a_duplicate_is_refused_even_where_the_first_has_ended(folder):
    envcheck("waive", RULE, *SAID, cwd=folder)
    written = (folder / ".envcheck-waivers.yaml").read_text()
    again = envcheck("waive", RULE, *SAID, cwd=folder)
    assert (again.returncode, (folder / ".envcheck-waivers.yaml").read_text()) == (2, written)
    assert ".envcheck-waivers.yaml:1: it is accepted there already, until 2999-12-31" in again.stderr
    (folder / ".envcheck-waivers.yaml").write_text(written.replace("2999", "2024"))
    assert envcheck("waive", RULE, *SAID, cwd=folder).returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((RULE,), "a waiver needs --until"),
        ((RULE, "--until", "2999-12-31", "--owner", "me"), "a waiver needs --reason"),
        ((RULE, *SAID, "--owner", "  "), "a waiver needs --owner"),
        ((RULE, *SAID, "--until", "2999-02-30"), "'2999-02-30' is no date"),
        ((RULE, *SAID, "--until", "2024-01-01"), "2024-01-01 is over"),
        ((RULE, *SAID, "--reason", "two\nlines"), "--reason holds signs that are no text"),
        ((RULE, *SAID, "--package", "torch 2.4"), "'torch 2.4' is no package with versions"),
        ((RULE, *SAID, "--package", "numpy"), "'numpy' is not what this finding is about"),
        ((RULE, *SAID, "--package", "torch >=2.5"), "is not what this finding is about"),
        (("no-such-rule", *SAID), "there is no finding 'no-such-rule'"),
        (("0000", *SAID), "there is no finding '0000'"),
        ((RULE, *SAID, "--file", "notes.yaml"), "no check reads waivers from 'notes.yaml'"),
        ((RULE, *SAID, "--report", "broken.json"), "broken.json"),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_written_is_one_clear_message(folder, words, said):
    (folder / "broken.json").write_text("{")
    ended = envcheck("waive", *words, cwd=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert not (folder / ".envcheck-waivers.yaml").exists()


def test_a_rule_with_several_findings_offers_their_fingerprints(folder):
    report = json.loads((folder / "report.json").read_text())
    (one,) = [finding for finding in report["findings"] if finding["rule"] == RULE]
    report["findings"] = [one | {"fingerprint": f"{number:016x}"} for number in range(8)]
    (folder / "report.json").write_text(json.dumps(report))
    ended = envcheck("waive", RULE, *SAID, "--report", "report.json", cwd=folder)
    assert ended.returncode == 2
    assert "is more than one finding\n  try: one of 0000000000000000 (torchvision-built" in ended.stderr
    assert "and 3 more" in ended.stderr


def test_a_file_that_nothing_can_be_added_to_is_left_alone(folder):
    (folder / ".envcheck-waivers.yaml").write_text("[]\n")
    ended = envcheck("waive", RULE, *SAID, cwd=folder)
    assert (ended.returncode, (folder / ".envcheck-waivers.yaml").read_text()) == (2, "[]\n")
    assert "no waiver can be added to its end" in ended.stderr


def test_waivers_that_are_no_help_are_findings_and_hide_nothing(folder):
    (folder / "envcheck.yaml").write_text(
        f"waivers:\n  - {{rule: {RULE}, reason: a, owner: b, until: 2024-12-31}}\n  - {{rule: {RULE}, owner: b}}\n"
        "  - {rule: no-such-rule, reason: a, owner: b}\n"
    )
    held = found(folder)
    assert (held[RULE]["status"], held[RULE]["severity"]) == ("new", "error")
    about = {name: one["target"] for name, one in held.items() if name.startswith("waiver-")}
    assert about == dict.fromkeys(("waiver-expired", "waiver-malformed", "waiver-unused"), "envcheck.yaml")
    assert "waiver-unused" not in found(folder, "--select", f"{RULE},waiver-expired")


def test_a_check_does_not_call_a_waiver_of_drift_unused(folder):
    (folder / ".envcheck-waivers.yaml").write_text("- {rule: configuration-drift, reason: a, owner: b}\n")
    assert not [name for name in found(folder) if name.startswith("waiver-")]


def test_the_project_file_of_init_can_be_written_to(folder):
    assert envcheck("init", cwd=folder).returncode == 0
    assert envcheck("waive", RULE, *SAID, "--file", "envcheck.yaml", cwd=folder).returncode == 0
    assert found(folder)[RULE]["status"] == "waived"


def test_an_unknown_key_ends_the_check(folder):
    (folder / ".envcheck-waivers.yaml").write_text(f"- rule: {RULE}\n  reson: x\n")
    ended = envcheck("check", cwd=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "envcheck: .envcheck-waivers.yaml:2: a waiver has no 'reson'\n  try: perhaps reason\n"


def test_a_file_of_waivers_that_cannot_be_read_is_no_empty_one(folder):
    (folder / ".envcheck-waivers.yaml").mkdir()
    ended = envcheck("check", cwd=folder)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ".envcheck-waivers.yaml: cannot be read" in ended.stderr
