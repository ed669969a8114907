"""Collects the settings of configuration files: those that `envcheck.yaml` names, else those with well-known names."""

from __future__ import annotations

import posixpath

from envcheck.collectors._listed import listed, reason, with_names
from envcheck.model.facts import NOT_COLLECTED
from envcheck.targets import PROJECT_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.formats.tree import Tree
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

COVERS = ("config", "unread")
PLATFORMS: tuple[str, ...] = ()

_WELL_KNOWN = frozenset(
    {
        *("config.yaml", "config.yml", "config.json", "config.toml", "config.ini"),
        *("settings.yaml", "settings.yml", "settings.json", "settings.toml", "settings.ini"),
        *("application.yaml", "application.yml", "application.properties"),
        *("docker-compose.yaml", "docker-compose.yml", "compose.yaml", "compose.yml"),
        *("generation_config.json", "tokenizer_config.json"),
    }
)
_LARGEST = 1 << 20  # bytes; what people write by hand is some thousand lines
_MOST_SETTINGS = 10_000
_MOST_FILES = 200
_LONGEST = 4096  # characters of a value; a longer one, such as a chat template, is kept as its hash
_PROBLEMS_SHOWN = 3


def collect(target: Target, into: Collection) -> None:
    """Record every setting as `config/<logical name>#<dotted key>`, secret values as keyed hashes."""
    folder = target.cwd
    if folder is None:
        into.gap("config", "no project folder is known", status=NOT_COLLECTED)
        return
    try:
        names = target.files.names(folder)
    except (OSError, ValueError) as error:
        into.gap("config", f"{folder} cannot be listed: {reason(error)}", status=NOT_COLLECTED)
        return
    if target.config is not None:
        wanted = list(target.config)
    elif PROJECT_FILE in names:
        wanted = listed(target.files, folder, "config", "config", into)
    else:
        wanted = [("", posixpath.join(folder, name)) for name in names if well_known(name)]
    if not wanted:
        return
    if len(wanted) > _MOST_FILES:
        into.gap("config", f"only {_MOST_FILES} of {len(wanted)} files were read")
    from envcheck.secrets import project_key

    key = project_key(target.environ, target.files, folder)
    for name, path in with_names(wanted[:_MOST_FILES], folder):
        _collect_file(target.files, folder, name, path, key, into)


def well_known(name: str) -> bool:
    """Tell whether a file of that name is read where no `envcheck.yaml` says which ones are."""
    return name in _WELL_KNOWN or name.endswith(".env")


def _collect_file(files: Files, folder: str, name: str, path: str, key: bytes | None, into: Collection) -> None:
    tree = _read(files, name, path, into)
    if tree is None:
        return
    from envcheck.formats.tree import settings, typed
    from envcheck.secrets import protect, sensitive

    if tree.problems:
        listed = [f"line {line}: {problem}" for line, problem in tree.problems[:_PROBLEMS_SHOWN]]
        more = len(tree.problems) - len(listed)
        _unread(into, name, path, "; ".join(listed) + (f"; {more} more" if more else ""))
    # Below the project's folder as its people call it, so that a report can point into their repository.
    shown = path.removeprefix(f"{folder.rstrip('/')}/")
    for number, (setting, node, also) in enumerate(settings(tree)):
        if number == _MOST_SETTINGS or not setting:
            problem = f"only its first {_MOST_SETTINGS} settings were read" if setting else "it holds no settings"
            _unread(into, name, path, problem)
            into.gap(f"config/{_escaped(name)}", problem)
            break
        value = str(node.held)
        said = also if also and sensitive(also, value) else setting
        told = _shortened(protect(said, value, key))
        into.put(
            ("config", name),
            f"{shown}:{node.line}" if node.line else shown,
            **{protect("", setting, key): typed(value) if node.bare and told == value else told},
        )


def _read(files: Files, name: str, path: str, into: Collection) -> Tree | None:
    from envcheck.formats import parse
    from envcheck.formats.tree import FormatError

    try:
        data = files.read(path, _LARGEST + 1)
        if len(data) <= _LARGEST:
            return parse(data, path)
        problem = "larger than 1 MiB"
    except FormatError as error:
        problem = f"line {error.line}: {error.problem}" if error.line else error.problem
    except (OSError, ValueError) as error:
        problem = f"cannot be read: {reason(error)}"
    _unread(into, name, path, problem)
    into.gap(f"config/{_escaped(name)}", f"{path}: {problem}")
    return None


def _unread(into: Collection, name: str, path: str, problem: str) -> None:
    into.put(("unread", name), path, problem=problem, path=path)


def _shortened(value: str) -> str:
    if len(value) <= _LONGEST:
        return value
    import hashlib

    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{len(value)} characters, sha256:{digest[:32]}"


def _escaped(name: str) -> str:
    from envcheck.keys import format_entity

    return format_entity((name,))
