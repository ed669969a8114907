"""Which file and line a finding is shown at, and how that is written as a URI."""

from __future__ import annotations

import pytest

from envcheck.model.reports import Evidence
from envcheck.renderers._places import Place, place, read, somewhere, uri
from tests.renderers.broken_host import sample_report

SITE = "/srv/train/.venv/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("origin", "path", "line", "inside"),
    [
        ("conf/app.yaml:12", "conf/app.yaml", 12, True),
        ("./requirements.txt:3", "requirements.txt", 3, True),
        ("uv.lock", "uv.lock", 0, True),
        ("Dockerfile:7", "Dockerfile", 7, True),
        ("conf/my app.yaml:2", "conf/my app.yaml", 2, True),
        (".venv/pyvenv.cfg", ".venv/pyvenv.cfg", 0, True),
        ("../constraints.txt:3", "../constraints.txt", 3, False),
        (f"{SITE}/torch/version.py", f"{SITE}/torch/version.py", 0, False),
        ("/srv/a b/METADATA:5", "/srv/a b/METADATA", 5, False),
        ("/proc/self/mountinfo at /", "/proc/self/mountinfo", 0, False),
        ("C:\\envs\\ml\\pyvenv.cfg:4", "C:\\envs\\ml\\pyvenv.cfg", 4, False),
        ("\\\\server\\share\\x.cfg", "\\\\server\\share\\x.cfg", 0, False),
        ("conf/app.yaml:0", "conf/app.yaml", 0, True),
        ("app.yaml:99999999999999999999", "app.yaml:99999999999999999999", 0, True),
        ("app.yaml:²", "app.yaml:²", 0, True),
    ],
)
def test_a_path_is_read_with_its_line(origin, path, line, inside):
    assert read(origin) == Place(path=path, line=line, inside=inside)


@pytest.mark.parametrize(
    "origin",
    [
        *("", "environment", "the environment", "geteuid", "derived", "command: nvidia-smi -q", "statvfs /dev/shm"),
        *("table cuda-releases", "https://docs.nvidia.com/deploy/x.html", "https://example.org/a:12", "LD_PRELOAD"),
        *("https://a.example/x; https://b.example/y", "package metadata of torchvision 0.26.0", ".", "..", ":3"),
    ],
)
def test_what_is_no_file_has_no_place(origin):
    assert read(origin) is None


@pytest.mark.parametrize(
    ("origins", "best"),
    [
        ((f"{SITE}/a/METADATA", "uv.lock", "conf/app.yaml:12", "uv.lock:40"), "conf/app.yaml"),
        ((f"{SITE}/a/METADATA", "uv.lock", "environment"), "uv.lock"),
        (("environment", f"{SITE}/a/METADATA", f"{SITE}/b/METADATA:4"), f"{SITE}/a/METADATA"),
        (("https://example.org/x.html:4", f"{SITE}/a/METADATA"), f"{SITE}/a/METADATA"),
    ],
)
def test_a_line_in_the_tree_comes_before_a_file_in_it_before_any_other(origins, best):
    finding = sample_report().findings[0]
    evidence = tuple(Evidence(key="k", value="v", origin=origin) for origin in origins)
    found = place(finding.replace(evidence=evidence))
    assert found is not None
    assert found.path == best


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("facts:hosts/train.yaml", "hosts/train.yaml"),
        ("snapshot:prod.json", "prod.json"),
        ("python:.venv/bin/python", ".venv/bin/python"),
        ("/srv/train/.venv", "/srv/train/.venv"),
        (".", "envcheck"),
        ("ssh:ci@build.example", "ssh:ci@build.example"),
        ("docker:web 1", "envcheck"),
    ],
)
def test_without_a_file_a_finding_is_shown_at_its_target(address, path):
    report = sample_report()
    finding = report.findings[0].replace(evidence=())
    assert place(finding) is None
    assert somewhere(finding, (report.snapshots[0].replace(address=address),)).path == path
    assert somewhere(finding, ()).path == "envcheck"


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("conf/my app#1.yaml", "conf/my%20app%231.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("café/ü.lock", "caf%C3%A9/%C3%BC.lock"),
        ("lone\udcff.txt", "lone%3F.txt"),
        ("../up.txt", "../up.txt"),
        ("/srv/a b/50%.txt", "file:///srv/a%20b/50%25.txt"),
        ("C:\\envs\\my env\\x.cfg", "file:///C:/envs/my%20env/x.cfg"),
        ("\\\\server\\share\\x.cfg", "file://server/share/x.cfg"),
    ],
)
def test_a_place_as_a_uri(path, written):
    assert uri(Place(path=path, line=0, inside=True)) == written
