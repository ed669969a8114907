"""Waivers as people write them, and everything that may be wrong with them."""

from __future__ import annotations

import pytest

from envcheck.errors import DocumentError
from envcheck.model.policy import Waiver
from envcheck.project.waiver_text import addition
from envcheck.project.waivers import from_entry, is_date, load
from envcheck.targets.files import LocalFiles

WHOLE = """
config: [conf/*.yaml]
waivers:
  - rule: torchvision-built-for-other-torch
    package: torch >=2.4,<2.5
    key: package/torch*
    path: "*/METADATA"
    environment: prod-*
    finding: 436cf0ea5faf7522
    reason: |
      built from source for this torch,
      tested in CI
    owner: platform-team
    until: 2026-12-31
    ticket: 4711
    evidence: https://ci.example.org/runs/17
"""
MINIMAL = "{rule: torch-too-old, reason: the next image has it, owner: me"


def read(tmp_path, text: str | bytes = "", other: str = ""):
    if text:
        (tmp_path / "envcheck.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    if other:
        (tmp_path / ".envcheck-waivers.yaml").write_text(other, encoding="utf-8")
    return load(LocalFiles(), str(tmp_path))


def problems(facts) -> list[str]:
    return [str(facts.value(entity, "problem")) for entity in facts.entities("waiver")]


def test_every_field_is_read_and_the_line_is_known(tmp_path):
    (waiver,), malformed = read(tmp_path, WHOLE)
    assert waiver == Waiver(
        rule="torchvision-built-for-other-torch",
        package="torch >=2.4,<2.5",
        key="package/torch*",
        path="*/METADATA",
        environment="prod-*",
        finding="436cf0ea5faf7522",
        reason="built from source for this torch,\ntested in CI",
        owner="platform-team",
        until="2026-12-31",
        ticket="4711",
        evidence="https://ci.example.org/runs/17",
        origin="envcheck.yaml:4",
    )
    assert len(malformed) == 0


@pytest.mark.parametrize("form", ["- {entry}", "waivers:\n- {entry}", "waivers: [{entry}]", "\n\n- {entry}\r\n"])
def test_the_file_of_waivers_is_a_list_or_a_mapping(tmp_path, form):
    (waiver,), _ = read(tmp_path, other=form.replace("{entry}", MINIMAL + "}"))
    assert (waiver.rule, waiver.origin.partition(":")[0]) == ("torch-too-old", ".envcheck-waivers.yaml")


def test_both_files_count_and_a_byte_order_mark_is_no_matter(tmp_path):
    waivers, _ = read(tmp_path, b"\xef\xbb\xbf" + f"waivers: [{MINIMAL}}}]\r\n".encode(), f"- {MINIMAL}}}")
    assert [waiver.origin for waiver in waivers] == ["envcheck.yaml:1", ".envcheck-waivers.yaml:1"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "waivers: []\n", "{}"])
def test_no_waivers_are_none(tmp_path, text):
    waivers, malformed = read(tmp_path, other=text)
    assert (waivers, len(malformed)) == ((), 0)


def test_a_host_is_an_environment():
    waiver = from_entry({"rule": "a", "reason": "b", "owner": "c", "host": "gpu-*"}, "x:1")
    assert isinstance(waiver, Waiver)
    assert waiver.environment == "gpu-*"


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{rule: torch-too-old, owner: me}", "it has no reason"),
        ("{rule: torch-too-old, reason: why}", "it has no owner"),
        ("{rule: torch-too-old}", "it has no reason and no owner"),
        ("{reason: why, owner: me}", "it names neither rule nor finding"),
        ("{reason: why, owner: me, package: torch}", "it names neither rule nor finding"),
        ("torch-too-old", "it is no mapping of rule, reason and owner"),
        ("null", "it is no mapping of rule, reason and owner"),
        ("[torch-too-old]", "it is no mapping of rule, reason and owner"),
        (MINIMAL + ", package: }", "package is empty"),
        (MINIMAL + ", environment: ''}", "environment is empty"),
        (MINIMAL + ", path: '  '}", "path is empty"),
        (MINIMAL + ", until: }", "until is empty"),
        (MINIMAL + ", key: true}", "key is no text"),
        (MINIMAL + ", key: [a, b]}", "key is no text"),
        (MINIMAL + ", until: 2026-02-30}", "'2026-02-30' is no date (YYYY-MM-DD)"),
        (MINIMAL + ", until: tomorrow}", "'tomorrow' is no date (YYYY-MM-DD)"),
        (MINIMAL + ", until: 2026-12-31 12:00}", "'2026-12-31 12:00' is no date (YYYY-MM-DD)"),
        (MINIMAL + ", package: 'torch 2.4'}", "'torch 2.4' is no package with versions, such as torch >=2.4,<2.5"),
        (MINIMAL + ", package: 'torch*'}", "'torch*' is no package with versions, such as torch >=2.4,<2.5"),
        (MINIMAL + ", package: 'torch[a]'}", "'torch[a]' is no package with versions, such as torch >=2.4,<2.5"),
        (MINIMAL + ", finding: 436cf0}", "'436cf0' is no fingerprint, of which 8 characters suffice"),
        (MINIMAL + ", finding: 436CF0EA}", "'436CF0EA' is no fingerprint, of which 8 characters suffice"),
        (MINIMAL + ", host: a, environment: b}", "environment and host mean the same: say one"),
        ("{rule: 'torch-*', reason: why, owner: me}", "'torch-*' is no rule"),
    ],
)
def test_a_malformed_waiver_accepts_nothing_and_is_told(tmp_path, entry, problem):
    waivers, malformed = read(tmp_path, f"waivers:\n  - {entry}\n  - {MINIMAL}}}\n")
    assert [waiver.origin for waiver in waivers] == ["envcheck.yaml:3"]
    assert malformed.value(("waiver", "envcheck.yaml:2"), "state") == "malformed"
    assert problems(malformed) == [problem]


def test_malformed_waivers_on_one_line_are_each_told(tmp_path):
    _, malformed = read(tmp_path, "waivers: [{rule: a}, {rule: b}, c]")
    assert len(malformed.entities("waiver")) == 3


@pytest.mark.parametrize(
    ("text", "other", "said"),
    [
        (f"waivers:\n  - {MINIMAL}, ownr: x}}", "", "envcheck.yaml:2: a waiver has no 'ownr'\n  try: perhaps owner"),
        (
            "",
            f"- {MINIMAL}}}\n- {{untill: x}}",
            "waivers.yaml:2: a waiver has no 'untill'\n  try: perhaps until",
        ),
        ("", "waiver: []", ".envcheck-waivers.yaml:1: there is no 'waiver' here"),
        ("", "waivers: yes", ".envcheck-waivers.yaml:1: no list of waivers"),
        ("", "just text", ".envcheck-waivers.yaml:1: no list of waivers"),
        ("waivers: {rule: a}", "", "envcheck.yaml:1: Expected `array`, got `object`"),
        ("waiver: []", "", "envcheck.yaml:1: Object contains unknown field `waiver`\n  try: perhaps waivers"),
        ("", "- [", ".envcheck-waivers.yaml:2: not valid YAML"),
        ("", "- {rule: a, rule: b}", "the key 'rule' stands twice"),
        ("", "- a\n---\n- b", "more than one document"),
        ("", "[" * 100_000, "nested too deeply"),
        (b"waivers: \xff", "", "envcheck.yaml: not UTF-8: byte 9"),
        (b"#" * (1 << 20) + b"\n", "", "larger than 1 MiB"),
        (b"a: \x00", "", "not valid YAML"),
    ],
)
def test_what_cannot_be_understood_ends_the_run_with_file_and_line(tmp_path, text, other, said):
    with pytest.raises(DocumentError) as error:
        read(tmp_path, text, other)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("2026-12-31", True),
        ("2024-02-29", True),
        ("2100-02-29", False),
        ("2026-13-01", False),
        ("2026-00-10", False),
        ("2026-1-01", False),
        ("2026-12-3", False),
        ("2026-12-311", False),
        ("2026/12/31", False),
        ("0000-01-01", False),
        ("٢٠٢٦-12-31", False),
        ("2026-12-31\n", False),
        ("", False),
    ],
)
def test_a_date_is_a_day_of_the_calendar(text, real):
    assert is_date(text) is real


NEW = Waiver(
    rule="torch-too-old",
    reason='he said "no: never" # twice \\ thrice',
    owner="Ünal",
    package="torch ==2.4.0",
    until="2026-12-31",
    origin=".envcheck-waivers.yaml",
)
BLOCK = '- rule: torch-too-old\n  reason: "he said \\"no: never\\" # twice \\\\ thrice"\n  owner: "Ünal"\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# accepted until the new image\n",
        f"- {MINIMAL}}}  # why\n",
        f"- {MINIMAL}}}",
        f"- {MINIMAL}}}\r\n# and more\r\n",
        f"\ufeff- {MINIMAL}}}\n",
        "  -\n    rule: a\n    reason: b\n    owner: c\n  # the end\n",
        f"waivers:\n- {MINIMAL}}}\n\n\n",
        f"config:\n      - a.yaml\nwaivers:\n    - {MINIMAL}}}\n",
        "config: [a.yaml]\nwaivers:\n",
        "- rule: a\n  reason: |\n    of two\n    lines\n  owner: b\n",
    ],
)
def test_a_waiver_is_added_behind_all_that_stands_there(tmp_path, text):
    added = addition(text, NEW, "x.yaml")
    name = "envcheck.yaml" if "config" in text else ".envcheck-waivers.yaml"
    (tmp_path / name).write_text(text + added, encoding="utf-8", newline="")
    waivers, malformed = load(LocalFiles(), str(tmp_path))
    assert waivers[-1] == NEW.replace(origin=waivers[-1].origin)
    assert len(malformed) == 0
    assert ("\r\n" in added) is ("\r\n" in text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# gate:\n#   fail_on: error\n# waivers:\n",
        "gate: {fail_on: warning}",
        "config:\r\n  - a.yaml\r\n",
        "\ufeff",
    ],
)
def test_a_project_file_without_waivers_gets_a_list_of_them(tmp_path, text):
    added = addition(text, NEW, "deploy/envcheck.yaml")
    (tmp_path / "envcheck.yaml").write_text(text + added, encoding="utf-8", newline="")
    waivers, malformed = load(LocalFiles(), str(tmp_path))
    assert waivers == (NEW.replace(origin=waivers[0].origin),)
    assert len(malformed) == 0
    assert added.split()[:2] == ["waivers:", "-"]


def test_what_is_added_reads_well():
    assert addition("", NEW, "x.yaml").startswith(BLOCK)


@pytest.mark.parametrize(
    "text",
    [
        f"[{MINIMAL}}}]\n",
        f"waivers: [{MINIMAL}}}]\n",
        f"waivers:\n  - {MINIMAL}}}\nconfig: [a.yaml]\n",
        "[]\n",
        "just text\n",
        "- rule: a\n  reason: |\n    text",
        f"- {MINIMAL}}}\n...\n",
    ],
)
def test_where_nothing_can_be_added_the_file_stays_as_it_is(text):
    with pytest.raises(DocumentError, match="no waiver can be added to its end"):
        addition(text, NEW, "x.yaml")
