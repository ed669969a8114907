"""Where reports go: the format of a file by its name, several files at once, and none made that was not asked for."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from envcheck import reports
from envcheck.cli import output
from envcheck.cli.commands import COMMANDS
from envcheck.errors import EnvcheckError, UsageError
from envcheck.renderers import get, names
from tests.renderers.broken_host import sample_report


@pytest.mark.parametrize(
    ("said", "name", "path"),
    [
        ("r.html", "html", "r.html"),
        ("r.HTM", "html", "r.HTM"),
        ("out/r.md", "markdown", "out/r.md"),
        ("r.txt", "text", "r.txt"),
        ("r.log", "text", "r.log"),
        ("r.json", "json", "r.json"),
        ("r.sarif", "sarif", "r.sarif"),
        ("r.sarif.json", "sarif", "r.sarif.json"),
        ("junit.xml", "junit", "junit.xml"),
        ("gl-code-quality-report.json", "gitlab", "gl-code-quality-report.json"),
        ("out/gl-code-quality-report.json", "gitlab", "out/gl-code-quality-report.json"),
        ("r.gitlab.json", "gitlab", "r.gitlab.json"),
        ("r.github.txt", "github", "r.github.txt"),
        ("gitlab:r.json", "gitlab", "r.json"),
        ("json:gl-code-quality-report.json", "json", "gl-code-quality-report.json"),
        ("sarif:r", "sarif", "r"),
        ("github:annotations", "github", "annotations"),
        ("odd:name.xml", "junit", "odd:name.xml"),
    ],
)
def test_the_format_follows_the_ending_or_is_said(said, name, path):
    assert output.wanted([said]) == [(name, path)]


@pytest.mark.parametrize("said", ["r", "r.pdf", "xml", "report.sarif.gz", ""])
def test_a_name_that_tells_no_format_is_refused_with_all_that_there_are(said):
    with pytest.raises(UsageError, match="no format is known for") as caught:
        output.wanted([said])
    for name in names():
        assert name in caught.value.hint


@pytest.mark.parametrize("command", ["check", "report"])
def test_every_format_can_be_asked_for(command):
    (option,) = [option for option in COMMANDS[command].options if option.name == "format"]
    assert sorted(option.choices) == names()


def test_all_formats_at_once_are_what_each_gives_alone(tmp_path, capsys):
    report = sample_report()
    paths = {name: str(tmp_path / f"r{get(name).SUFFIX}") for name in names()}
    output.put(report, "sarif", output.wanted(list(paths.values())))
    assert capsys.readouterr().out == get("sarif").render(report)
    for name, path in paths.items():
        with open(path, encoding="utf-8", newline="") as file:
            assert file.read() == get(name).render(report, width=100)
    assert len(list(tmp_path.iterdir())) == len(names())


def test_a_folder_that_is_missing_is_not_made(tmp_path):
    wanted = output.wanted([str(tmp_path / "missing" / "r.sarif")])
    with pytest.raises(EnvcheckError, match="cannot be written"):
        output.put(sample_report(), "text", wanted)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["sarif", "junit", "gitlab", "json"])
def test_a_machine_format_survives_an_output_that_takes_ascii_alone(name):
    report = sample_report()
    renamed = report.snapshots[0].replace(label="überprüft 漢字 \udcff")
    findings = tuple(finding.replace(target=renamed.label) for finding in report.findings)
    text = get(name).render(report.replace(snapshots=(renamed,), findings=findings))
    assert text.isascii()
    if name == "junit":
        ET.fromstring(text)  # noqa: S314  our own text
    else:
        json.loads(text)


def test_a_saved_report_renders_as_the_report_itself():
    report = sample_report()
    again = reports.from_json(reports.to_json(report).encode(), "r.json")
    for name in set(names()) - {"html"}:  # the page also has derived facts, which are not saved
        assert get(name).render(again) == get(name).render(report)
