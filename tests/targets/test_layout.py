"""Layouts of the many ways in which a Python is installed, each built as a small tree of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envcheck.errors import TargetError
from envcheck.targets.files import LocalFiles, RootedFiles
from envcheck.targets.layout import find
from tests.environments import make_venv, site_packages

if TYPE_CHECKING:
    from pathlib import Path

    from envcheck.targets.target import PythonLayout


def tree(root: Path, *files: str, **texts: str) -> Path:
    for path in (*files, *texts):
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(texts.get(path, ""))
    return root


def layout_of(path: Path, **environ: str) -> PythonLayout:
    return find(LocalFiles(), str(path), environ=environ, platform="linux")


def in_root(root: Path, path: str) -> PythonLayout:
    return find(RootedFiles(str(root)), path, environ={}, platform="linux")


def test_a_venv_by_its_prefix_and_by_its_interpreter(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    layout = layout_of(prefix)
    assert (layout.kind, layout.version, layout.abi, layout.manager) == ("venv", "3.11.7", "cp311", "pip")
    assert layout.site_directories == (str(site_packages(prefix)),)
    assert layout.base_prefix == str(tmp_path / "env-base")
    assert layout.base_present
    by_interpreter = layout_of(prefix / "bin" / "python")
    assert by_interpreter.replace(executable=layout.executable) == layout
    assert by_interpreter.executable == str(prefix / "bin" / "python")


def test_uv_and_virtualenv_write_pyvenv_cfg_otherwise(tmp_path: Path):
    prefix = make_venv(tmp_path / "env", uv=True)
    text = (prefix / "pyvenv.cfg").read_text().replace("version = 3.11.7", "Version_Info = 3.11.9.final.0")
    (prefix / "pyvenv.cfg").write_text("\ufeff" + text)
    layout = layout_of(prefix)
    assert (layout.manager, layout.version) == ("uv", "3.11.9")


def test_a_base_that_is_gone_is_a_problem_and_not_an_error(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    (tmp_path / "env-base").rename(tmp_path / "away")
    layout = layout_of(prefix)
    assert not layout.base_present
    assert layout.problems == ((str(tmp_path / "env-base"), "the Python that this environment was made from is gone"),)
    assert layout.site_directories == (str(site_packages(prefix)),)
    assert layout.executable == str(prefix / "bin" / "python")


def test_the_home_of_a_venv_may_be_a_folder_of_links(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "python3").symlink_to(tmp_path / "env-base" / "bin" / "python3.11")
    (prefix / "pyvenv.cfg").write_text(f"home = {tmp_path}/links\nversion = 3.11.7\n")
    assert layout_of(prefix).base_prefix == str(tmp_path / "env-base")


def test_a_venv_with_system_packages_searches_itself_the_user_and_the_base(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    text = (prefix / "pyvenv.cfg").read_text().replace("packages = false", "packages = True")
    (prefix / "pyvenv.cfg").write_text(text)
    base = tree(tmp_path / "env-base", "lib/python3.11/site-packages/")
    home = tree(tmp_path / "home", ".local/lib/python3.11/site-packages/")
    own, user, system = (
        str(site_packages(prefix)),
        f"{home}/.local/lib/python3.11/site-packages",
        f"{base}/lib/python3.11/site-packages",
    )
    assert layout_of(prefix, HOME=str(home)).site_directories == (own, user, system)
    assert layout_of(prefix, HOME=str(home), PYTHONNOUSERSITE="1").site_directories == (own, system)
    assert layout_of(prefix, HOME=str(home)).user_site == user


def test_a_venv_without_system_packages_has_no_user_site(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    home = tree(tmp_path / "home", ".local/lib/python3.11/site-packages/")
    layout = layout_of(prefix, HOME=str(home))
    assert layout.user_site == ""
    assert layout.site_directories == (str(site_packages(prefix)),)


def test_python_path_comes_first_and_what_is_not_there_is_left_out(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    tree(tmp_path, "one/", "two/")
    layout = layout_of(prefix, PYTHONPATH=f"{tmp_path}/one::{tmp_path}/gone:relative:{tmp_path}/two/:{tmp_path}/one")
    assert layout.site_directories == (f"{tmp_path}/one", f"{tmp_path}/two", str(site_packages(prefix)))


def test_pth_files_add_in_the_order_of_their_names(tmp_path: Path):
    prefix = make_venv(tmp_path / "env")
    site = site_packages(prefix)
    tree(site, "inner/", "latin\u00e9/")
    tree(tmp_path, "outer/")
    (site / "b.pth").write_text(
        f"# comment\n\nimport os; os.abort()\nimport\tsys\n{tmp_path}/outer\ninner\n../missing\n"
    )
    (site / "a.pth").write_bytes(b"\xef\xbb\xbfinner\r\n")
    (site / "c.pth").write_bytes("latin\u00e9\nimportant\n".encode("latin-1"))
    (site / ".hidden.pth").write_text(f"{tmp_path}\n")
    (site / "inner" / "nested.pth").write_text(f"{tmp_path}\n")
    layout = layout_of(prefix)
    assert layout.site_directories == (str(site), f"{site}/inner", f"{tmp_path}/outer", f"{site}/latin\u00e9")
    assert layout.pth_files == (
        (f"{site}/a.pth", (f"{site}/inner",), (), 0),
        (f"{site}/b.pth", (f"{tmp_path}/outer", f"{site}/inner"), (f"{site.parent}/missing",), 2),
        (f"{site}/c.pth", (f"{site}/latin\u00e9",), (f"{site}/important",), 0),
    )


def test_debian_keeps_packages_in_dist_packages(tmp_path: Path):
    tree(
        tmp_path,
        "usr/lib/python3.11/os.py",
        "usr/lib/python3.11/EXTERNALLY-MANAGED",
        "usr/lib/python3.11/lib-dynload/_x.cpython-311-x86_64-linux-gnu.so",
        "usr/lib/python3/dist-packages/",
        "usr/local/lib/python3.11/dist-packages/",
        "usr/bin/python3.11",
    )
    (tmp_path / "usr/bin/python3").symlink_to("python3.11")
    layout = in_root(tmp_path, "/usr")
    assert layout.kind == "system"
    assert layout.site_directories == ("/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages")
    assert layout.externally_managed
    assert (layout.version, layout.soabi) == ("3.11", "cpython-311-x86_64-linux-gnu")
    assert in_root(tmp_path, "/usr/bin/python3").prefix == "/usr"
    with pytest.raises(TargetError, match="no Python environment"):
        in_root(tmp_path, "/usr/local")


def test_fedora_has_two_libs(tmp_path: Path):
    tree(
        tmp_path,
        "usr/lib64/python3.12/os.py",
        "usr/lib64/python3.12/site-packages/",
        "usr/lib/python3.12/site-packages/",
    )
    layout = in_root(tmp_path, "/usr")
    assert layout.site_directories == ("/usr/lib64/python3.12/site-packages", "/usr/lib/python3.12/site-packages")
    assert layout.stdlib == "/usr/lib64/python3.12"


def test_conda_tells_the_whole_version_in_its_records(tmp_path: Path):
    tree(tmp_path, "lib/python3.10/os.py", "lib/python3.10/site-packages/", "conda-meta/python-3.10.14-h955ad1f_1.json")
    layout = layout_of(tmp_path)
    assert (layout.kind, layout.manager, layout.version) == ("conda", "conda", "3.10.14")


def test_headers_tell_the_whole_version(tmp_path: Path):
    header = '#define PY_MAJOR_VERSION 3\n#define PY_VERSION      "3.14.0rc2+"\n'
    tree(tmp_path, "lib/python3.14/os.py", **{"include/python3.14/patchlevel.h": header})
    assert layout_of(tmp_path).version == "3.14.0rc2"


def test_of_several_pythons_the_one_that_bin_python_links_to_counts(tmp_path: Path):
    tree(tmp_path, "lib/python3.9/os.py", "lib/python3.12/os.py", "bin/python3.9", "bin/python3.12")
    assert layout_of(tmp_path).abi == "cp312"
    (tmp_path / "bin/python3").symlink_to("python3.9")
    assert layout_of(tmp_path).abi == "cp39"
    assert layout_of(tmp_path / "bin" / "python3.12").abi == "cp312"


def test_without_the_lock_and_pypy_and_old_abis(tmp_path: Path):
    free = tree(
        tmp_path / "free", "lib/python3.13t/os.py", "lib/python3.13t/_sysconfigdata_t_linux_x86_64-linux-gnu.py"
    )
    assert (layout_of(free).abi, layout_of(free).free_threaded, layout_of(free).version) == ("cp313t", True, "3.13")
    tree(tmp_path / "pypy", "lib/pypy3.10/os.py", "lib/pypy3.10/site-packages/", "bin/pypy3")
    assert layout_of(tmp_path / "pypy").implementation == "pypy"
    assert layout_of(tmp_path / "pypy").site_directories == (f"{tmp_path}/pypy/lib/pypy3.10/site-packages",)
    assert layout_of(tree(tmp_path / "old", "lib/python3.7/os.py")).abi == "cp37m"


def test_a_static_build_names_its_platform_in_sysconfig(tmp_path: Path):
    tree(tmp_path, "lib/python3.12/os.py", "lib/python3.12/_sysconfigdata__linux_aarch64-linux-gnu.py")
    assert layout_of(tmp_path).soabi == "cpython-312-aarch64-linux-gnu"


def test_windows_keeps_everything_under_lib(tmp_path: Path):
    base = tree(
        tmp_path / "Python312", "python.exe", "python3.dll", "python312.dll", "Lib/os.py", "Lib/site-packages/", "DLLs/"
    )
    layout = find(LocalFiles(), str(base), environ={}, platform="win32")
    assert (layout.version, layout.abi, layout.site_directories) == ("3.12", "cp312", (f"{base}/Lib/site-packages",))
    venv = tree(
        tmp_path / "venv",
        "Scripts/python.exe",
        "Lib/site-packages/",
        **{"pyvenv.cfg": f"home = {base}\nversion = 3.12.4\n"},
    )
    layout = find(LocalFiles(), f"{venv}/Scripts/python.exe", environ={}, platform="win32")
    assert (layout.kind, layout.version, layout.base_prefix) == ("venv", "3.12.4", str(base))


def test_a_pyenv_shim_is_told_apart(tmp_path: Path):
    shim = tree(tmp_path, **{".pyenv/shims/python": "#!/usr/bin/env bash\nexec pyenv\n"}) / ".pyenv/shims/python"
    with pytest.raises(TargetError, match="pyenv shim") as raised:
        layout_of(shim)
    assert raised.value.hint == "pyenv which python"
    assert raised.value.exit_code == 3


@pytest.mark.parametrize("make", ["missing", "empty", "loop", "dangling", "text", "site-packages"])
def test_where_there_is_no_python_the_error_says_what_to_try(tmp_path: Path, make: str):
    place = tmp_path / make
    if make in ("empty", "site-packages"):
        place.mkdir()
    elif make == "loop":
        place.symlink_to(place)
    elif make == "dangling":
        place.symlink_to("gone")
    elif make == "text":
        place.write_text("no")
    with pytest.raises(TargetError) as raised:
        layout_of(place)
    assert raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"\xff\xfe\x00", b"home\nversion", b"home = \nversion = x.y\n", b"= = =\n" * 100),
        *(b"home = /x\0y/bin\nversion = 3.11.7\n", "version = 3.²\n".encode(), b"version = 3." + b"9" * 5000),
    ],
)
def test_a_damaged_pyvenv_cfg_is_never_a_traceback(tmp_path: Path, text: bytes):
    prefix = make_venv(tmp_path / "env")
    (prefix / "pyvenv.cfg").write_bytes(text)
    assert layout_of(prefix).site_directories == (str(site_packages(prefix)),)


def test_a_loop_of_links_is_a_problem(tmp_path: Path):
    prefix = make_venv(tmp_path / "root" / "env")
    site = site_packages(prefix)
    (prefix / "pyvenv.cfg").write_text("home = /env-base/bin\nversion = 3.11.7\n")
    (site / "loop").symlink_to("loop")
    (site / "a.pth").write_text("loop\n")
    (site / "loop.pth").symlink_to("loop.pth")
    layout = in_root(tmp_path / "root", "/env")
    assert layout.site_directories == ("/env/lib/python3.11/site-packages",)
    assert "loop.pth" in layout.problems[-1][0]


@pytest.mark.parametrize("version", ["3.²", "3.11rc1", "3", "3." + "9" * 5000, "3.１１"])  # noqa: RUF001  wide digits
def test_a_version_that_is_none_is_not_known_where_no_folder_tells_it(tmp_path: Path, version: str):
    (tmp_path / "pyvenv.cfg").write_text(f"home = {tmp_path}/gone/bin\nversion = {version}\n")
    assert layout_of(tmp_path).abi == ""


@pytest.mark.parametrize("name", ["python3.²", "pypy3.²", "python3." + "9" * 200])
def test_a_folder_of_no_version_is_no_library(tmp_path: Path, name: str):
    with pytest.raises(TargetError):
        layout_of(tree(tmp_path, f"lib/{name}/os.py"))


def test_a_base_that_cannot_be_read_is_not_known_to_be_gone(tmp_path: Path):
    class Locked(LocalFiles):
        def names(self, path: str) -> list[str]:
            if path.startswith(f"{tmp_path}/env-base"):
                raise PermissionError(13, "Permission denied", path)
            return super().names(path)

    layout = find(Locked(), str(make_venv(tmp_path / "env")), environ={}, platform="linux")
    assert layout.base_present is None
    assert layout.problems == ((f"{tmp_path}/env-base", "cannot be read: Permission denied"),)
