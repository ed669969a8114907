"""Declared environments as targets: a file, what it includes, and what of it is a snapshot."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from envcheck import snapshots
from envcheck.drift.differences import Differences
from envcheck.errors import DocumentError, TargetError
from envcheck.model.facts import Snapshot, Unknown
from envcheck.targets import open_target
from tests.drift.seeing import seen

FORKED = "==13; python_version < '3.9' | ==15; python_version >= '3.9'"
FILES = Path(__file__).parents[1] / "locks" / "files"


def opened(folder: Path, name: str, environ: dict[str, str] | None = None) -> Snapshot:
    saved = open_target(f"lock:{name}", cwd=str(folder), environ=environ or {}).saved
    assert saved is not None
    return saved


def versions(snapshot: Snapshot) -> dict[str, str]:
    return {entity[1]: snapshot.facts.text(entity, "version") or "" for entity in snapshot.entities("package")}


def unread(snapshot: Snapshot) -> dict[str, tuple[object, str]]:
    found: dict[str, tuple[object, str]] = {}
    for entity in snapshot.entities("unread"):
        known = snapshot.facts.get(entity, "problem")
        assert known is not None
        found[entity[1]] = known
    return found


def test_a_lock_is_a_target_that_collects_nothing(tmp_path: Path) -> None:
    shutil.copy(FILES / "uv.lock", tmp_path)
    target = open_target("lock:uv.lock", cwd=str(tmp_path), environ={})
    assert (target.label, target.address, target.live) == ("uv.lock", "lock:uv.lock", False)
    assert target.chosen == "what uv.lock declares (uv.lock)"
    assert target.saved is not None
    assert target.saved.facts.get(("package", "tqdm"), "version") == ("4.70.1", "uv.lock:216")
    known = target.saved.look(("package", "numpy"), "version")
    assert isinstance(known, Unknown)
    assert known.reason == (
        "2.2.6 where python_full_version < '3.11', 2.4.6 where python_full_version == '3.11.*', "
        "2.5.5 where python_full_version >= '3.12'"
    )
    assert target.saved.lacks(("package", "torch"))
    assert snapshots.from_json(snapshots.to_json(target.saved).encode(), "x") == target.saved


@pytest.mark.parametrize("name", sorted(os.listdir(FILES)))
def test_every_genuine_file_gives_the_same_bytes_each_time(name: str) -> None:
    first, second = (snapshots.to_json(opened(FILES, name)) for _ in range(2))
    assert first == second
    assert str(FILES) not in first


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_included_files_count_and_name_their_own_lines(tmp_path: Path, ending: str) -> None:
    lines = [
        "# top",
        "-r sub/base.txt",
        "-c constraints.txt",
        "-e ./lib",
        "torch>=2",
        "-r gone.txt",
        "-r https://x.example/r",
    ]
    (tmp_path / "requirements.txt").write_text(ending.join(lines), newline="")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "base.txt").write_text("six==1.16.0\n-r ../requirements.txt\n-r base.txt\n")
    (tmp_path / "constraints.txt").write_text("idna==3.7\ntorch==2.4.0+cu121\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "pyproject.toml").write_text('[project]\nname = "My_Lib"\nversion = "0.3"\n')
    made = opened(tmp_path, "requirements.txt")
    assert versions(made) == {"my-lib": "0.3", "six": "1.16.0", "torch": "2.4.0+cu121"}
    assert made.facts.get(("package", "six"), "version") == ("1.16.0", "sub/base.txt:1")
    assert made.facts.get(("package", "torch"), "version") == ("2.4.0+cu121", "constraints.txt:2")
    assert made.facts.get(("package", "torch"), "cuda") == ("12.1", "constraints.txt:2")
    assert made.facts.get(("package", "my-lib"), "editable") == ("./lib", "requirements.txt:4")
    assert made.coverage["package/idna"].reason == "constrained to 3.7 (constraints.txt:1), not asked for"
    assert unread(made) == {
        "gone.txt": ("cannot be read: No such file or directory", "requirements.txt:6"),
        "https://x.example/r": ("an address, which is not fetched", "requirements.txt:7"),
    }


def test_a_path_is_kept_as_the_user_wrote_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "requirements.txt").write_text("-r base.txt\n")
    (tmp_path / "deep" / "base.txt").write_text("six==1\n")
    made = opened(tmp_path, "deep/requirements.txt")
    assert made.facts.get(("package", "six"), "version") == ("1", "deep/base.txt:1")
    absolute = opened(tmp_path, str(tmp_path / "deep" / "requirements.txt"))
    assert absolute.facts.get(("package", "six"), "version") == ("1", f"{tmp_path}/deep/base.txt:1")


def test_nothing_of_a_file_that_is_no_requirements_file_is_repeated(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r credentials\n")
    (tmp_path / "credentials").write_text("[default]\nname = correct horse battery\n")
    made = opened(tmp_path, "requirements.txt")
    assert unread(made) == {"credentials": ("is not a requirements file", "requirements.txt:1")}
    assert "horse" not in snapshots.to_json(made)


ACCOUNTS = "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000:Alice Doe:/home/alice:/bin/zsh\n"
NETRC = "machine example.org login bob password Zq9hunter\nmachine ./files login bob password Zq9hunter\n"


@pytest.mark.parametrize(
    ("other", "names"),
    [
        (ACCOUNTS, {"line 1 of other.txt", "line 2 of other.txt"}),
        (NETRC, {"other.txt"}),
        (f"six==1.16.0\n{NETRC}", {"line 2 of other.txt", "line 3 of other.txt"}),
        ("six==1.16.0\nghp_0123456789abcdefghij0123456789abcdef\n", {"line 2 of other.txt"}),
        ("six==1.16.0\n--hunter2 x\n-r hunter.txt\n", {"line 2 of other.txt", "line 3 of other.txt"}),
    ],
)
def test_nothing_of_an_included_file_is_repeated_that_was_not_understood(
    tmp_path: Path, other: str, names: set[str]
) -> None:
    (tmp_path / "requirements.txt").write_text("-r other.txt\n")
    (tmp_path / "other.txt").write_text(other)
    made = opened(tmp_path, "requirements.txt")
    assert set(unread(made)) == names
    assert not [word for word in ("root", "alice", "hunter", "login", "ghp") if word in snapshots.to_json(made)]
    assert set(versions(made)) <= {"six"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("six six", "six six"),
        (f"six {'x ' * 100}", f"six {'x ' * 37}x…"),
        ("machine example.org login bob password Zq9hunter", "line 2 of requirements.txt"),
        ("password: hunter2", "line 2 of requirements.txt"),
        ("password==hunter2", "line 2 of requirements.txt"),
        ("-r https://me:hunter2@example.org/r.txt", "line 2 of requirements.txt"),
        ("./ghp_0123456789abcdefghij0123456789abcdef", "line 2 of requirements.txt"),
        ("ghp_0123456789abcdefghij0123456789abcdef", "line 2 of requirements.txt"),
    ],
)
def test_what_was_not_understood_is_repeated_in_short_and_without_secrets(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"six==1.16.0\n{line}\n")
    made = opened(tmp_path, "requirements.txt")
    assert {name: origin for name, (_, origin) in unread(made).items()} == {name: "requirements.txt:2"}
    assert "hunter" not in snapshots.to_json(made)
    assert set(versions(made)) == {"six"}


@pytest.mark.skipif(os.name == "nt", reason="a pipe has a name on POSIX alone")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "requirements.txt").write_text("-r pipe\n-r /dev/zero\n")
    problems = {str(problem) for problem, _ in unread(opened(tmp_path, "requirements.txt")).values()}
    assert problems == {"cannot be read: not a regular file"}


def test_files_that_include_each_other_without_end_are_cut(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"{number}.txt").write_text(f"a{number}==1\n-r {number + 1}.txt\n")
    made = opened(tmp_path, "0.txt")
    assert len(made.entities("package")) == 100
    assert list(unread(made).values()) == [("more than 100 files include each other", "99.txt:2")]


@pytest.mark.parametrize("project", ["", "[project]\n", "[project", '[project]\nname = "../x"\n'])
def test_a_folder_without_a_name_is_kept(tmp_path: Path, project: str) -> None:
    (tmp_path / "pyproject.toml").write_text(project)
    (tmp_path / "requirements.txt").write_text("-e .\n./none\n")
    made = opened(tmp_path, "requirements.txt")
    assert made.entities("package") == []
    assert set(unread(made)) == {".", "./none"}


def test_what_powershell_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes("six==1.16.0\r\ntorch==2.4.0\r\n".encode("utf-16"))
    assert versions(opened(tmp_path, "requirements.txt")) == {"six": "1.16.0", "torch": "2.4.0"}
    (tmp_path / "requirements.txt").write_bytes(b"\xef\xbb\xbfsix==1.16.0\r\n")
    assert versions(opened(tmp_path, "requirements.txt")) == {"six": "1.16.0"}


def test_the_project_key_serves(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nENV HF_TOKEN=hf_abcdefghijk1234567890\n")
    made = opened(tmp_path, "Dockerfile", {"ENVCHECK_KEY": "k"})
    assert str(made.facts.value(("env", "HF_TOKEN"), "value")).startswith("hmac-sha256:")


@pytest.mark.parametrize(
    ("name", "data", "where", "says"),
    [
        ("uv.lock", b"version = 1\n[[package]\n", "uv.lock", "not valid TOML"),
        ("Pipfile.lock", b'{"_meta": {},\n"default" 1}', "Pipfile.lock:2", "not valid JSON"),
        ("pylock.toml", b"", "pylock.toml:1", "has a lock-version"),
        ("environment.yml", b"a: [1\n", "environment.yml", "not a file that declares an environment"),
        ("notes.txt", b"hello\n", "notes.txt", "not a file that declares an environment"),
        ("requirements.txt", b"six\n\xff\xfe\n", ":2", "not UTF-8 text"),
        ("requirements.txt", b"six\x00\n", "requirements.txt", "a binary file"),
        ("requirements.txt", b"\xff\xfes", "requirements.txt", "not UTF-8 text"),
    ],
)
def test_what_declares_nothing_says_where(tmp_path: Path, name: str, data: bytes, where: str, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        opened(tmp_path, name)
    assert says in caught.value.message
    assert where in caught.value.where
    assert caught.value.hint


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "requirements.txt").open("wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(DocumentError, match="larger than 64 MiB"):
        opened(tmp_path, "requirements.txt")


def test_a_file_that_is_not_there_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="cannot be read"):
        opened(tmp_path, "requirements.txt")


def test_the_current_folder_is_never_run_or_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = "open('ran', 'w').close()\n"
    for name in ("pip.py", "setup.py", "packaging.py", "conftest.py", "sitecustomize.py"):
        (tmp_path / name).write_text(trap)
    (tmp_path / "requirements.txt").write_text("-e .\nsix==1; python_version < '4'\n./pip.py\n")
    monkeypatch.chdir(tmp_path)
    opened(tmp_path, "requirements.txt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "specifier"),
    [
        ("rich\n", ">=0"),
        ("rich>=13\n", ">=13"),
        ("rich\nrich>=13\n", ">=13"),
        ("rich==13; python_version < '3.9'\nrich==15; python_version >= '3.9'\n", FORKED),
        ("rich==13; python_version < '3.9'\nrich; python_version >= '3.9'\n", FORKED.replace("==15", ">=0")),
        ("rich==13; python_version < '3.9'\nrich==15\n", None),  # which of them counts below 3.9 is not told
        ("rich==13\n", None),
        ("rich @ https://example.com/rich.whl\n", None),
    ],
)
def test_what_is_asked_for_without_one_version_is_kept(tmp_path: Path, text: str, specifier: str | None) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    assert opened(tmp_path, "requirements.txt").facts.value(("package", "rich"), "specifier") == specifier


def test_a_constraint_under_a_marker_leaves_open_which_version_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-c constraints.txt\nrich\n")
    (tmp_path / "constraints.txt").write_text("rich>=13; python_version < '3.9'\n")
    assert opened(tmp_path, "requirements.txt").facts.value(("package", "rich"), "specifier") is None


def test_a_lock_of_several_versions_is_what_an_environment_of_one_of_them_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "rich==13.0; python_version < '3.9'\nrich==15.0; python_version >= '3.9'\nidna\n"
    )
    lock = opened(tmp_path, "requirements.txt")
    for version, form in (("15.0", []), ("13.0", ["value"])):
        venv = seen("venv", packages={"rich": version, "idna": "3.7"}, facts={("python",): {"version": "3.11.7"}})
        changes = Differences((lock, venv)).changes
        assert [change.form for change in changes if change.key.startswith("package/")] == form
