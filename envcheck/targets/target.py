"""What a collector gets: a file view, the Python layout, the environment variables, and perhaps the right to run."""

from __future__ import annotations

from envcheck.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envcheck.model.facts import Snapshot
    from envcheck.targets.files import Files


class PythonLayout(Record):
    """Where a Python environment keeps its things, found from files alone.

    `version` is as precise as the files tell: 3.11.7, 3.11, or empty. `base_present` is None where the base cannot be
    read. `problems` are (path, what is wrong).
    """

    kind: str
    prefix: str
    base_prefix: str
    executable: str
    version: str
    implementation: str
    abi: str
    soabi: str
    platform: str
    site_directories: tuple[str, ...]
    stdlib: str = ""
    user_site: str = ""
    system_site: bool = False
    base_present: bool | None = True
    externally_managed: bool = False
    free_threaded: bool = False
    manager: str = "pip"
    pth_files: tuple[tuple[str, tuple[str, ...], tuple[str, ...], int], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


class Target(Record):
    """One environment to look at.

    `chosen` says in a sentence which environment this is and why. `live` means that /proc and /sys of the view are
    this machine's, and that child processes may be started through `envcheck.targets.children`. `environ` is None
    where the environment's variables are not known. `cwd` is the folder that the program would start in, None where
    there is none. `saved` is set for a target that already is a snapshot; nothing is collected then but the files that
    are listed. `config` and `contracts` are (logical name, path) of files that belong to it, None where those of the
    project in `cwd` do; listed ones are this machine's, and `project` is the folder that lists them. `variables` are
    globs of environment variables to read beside the usual ones. `only` names the collectors that run, None for all.
    """

    label: str
    address: str
    chosen: str
    files: Files
    layout: PythonLayout | None
    layout_problem: str = "there is no Python environment"
    environ: Mapping[str, str] | None = None
    cwd: str | None = None
    live: bool = False
    platform: str = "linux"
    saved: Snapshot | None = None
    config: tuple[tuple[str, str], ...] | None = None
    contracts: tuple[tuple[str, str], ...] | None = None
    project: str = ""
    variables: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
