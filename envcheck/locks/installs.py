"""The packages that installers' command lines name: pip, uv, conda, apt and apk."""

from __future__ import annotations

from envcheck.locks import requirements
from envcheck.locks.conda_packages import take_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from envcheck.locks.declaration import Reading
    from envcheck.locks.shell import Word

    Take: TypeAlias = Callable[[str, int, Reading], None]

# What may stand before a program's name.
_BEFORE = ("sudo", "env", "time", "exec", "command", "then", "do", "else", "{", "!", "if", "while", "nohup", "xargs")
_PIP_VALUES = (
    *("-i", "--index-url", "--extra-index-url", "--default-index", "--index", "-f", "--find-links", "-t", "--target"),
    *("--prefix", "--root", "--src", "--no-binary", "--only-binary", "--platform", "--python-version", "--abi"),
    *("--implementation", "--trusted-host", "--timeout", "--retries", "--cache-dir", "--log", "--progress-bar", "-p"),
    *("--python", "--upgrade-strategy", "--config-settings", "-C", "--global-option", "--proxy", "--cert", "--extra"),
    *(
        "--index-strategy",
        "--torch-backend",
        "--python-platform",
        "--link-mode",
        "--group",
        "--report",
        "--exists-action",
    ),
)
_PIP_FILES = ("-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints", "-e", "--editable")
_CONDA_VALUES = (
    "-c",
    "--channel",
    "-n",
    "--name",
    "-p",
    "--prefix",
    "--solver",
    "--subdir",
    "--platform",
    "--repodata-fn",
)
_CONDA_FILES = ("-f", "--file")
_APT_VALUES = ("-o", "--option", "-t", "--target-release", "--default-release", "-c", "--config-file")
_APK_VALUES = ("-X", "--repository", "-p", "--root", "-t", "--virtual", "--arch", "--keys-dir")
_ELSEWHERE = "installed from a file that is not read here; name it as a target of its own"


def take(words: list[Word], reading: Reading) -> None:
    """Take the packages that one command installs, none where it is no installer's; the lines are offsets."""
    start = next((at for at, (word, _) in enumerate(words) if word not in _BEFORE and not _is_assignment(word)), None)
    if start is None:
        return
    words = words[start:]
    names = [word for word, _ in words]
    program = names[0].rpartition("/")[2]
    if program.startswith("python") and names[1:3] == ["-m", "pip"]:
        program, words = "pip", words[2:]
    elif program == "uv" and names[1:2] == ["pip"]:
        program, words = "pip", words[1:]
    rest = _after_verb(words[1:], ("install", "add", "create"))
    if rest is None:
        return
    if program.startswith("pip") and program[3:].replace(".", "").isalnum() + (program == "pip"):
        _read(rest, _PIP_VALUES, _PIP_FILES, _pip, reading)
    elif program in ("conda", "mamba", "micromamba"):
        _read(rest, _CONDA_VALUES, _CONDA_FILES, take_spec, reading)
    elif program in ("apt-get", "apt", "aptitude"):
        _read(rest, _APT_VALUES, (), _apt, reading)
    elif program == "apk":
        _read(rest, _APK_VALUES, (), _apk, reading)


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum()


def _after_verb(words: list[Word], verbs: tuple[str, ...]) -> list[Word] | None:
    """Return what follows the verb that installs, None without one; options may stand before it."""
    for place, (word, _) in enumerate(words):
        if word in verbs:
            return words[place + 1 :]
        if not word.startswith("-") and word != "env" and (place == 0 or not words[place - 1][0].startswith("-")):
            return None
    return None


def _read(words: list[Word], values: tuple[str, ...], files: tuple[str, ...], one: Take, reading: Reading) -> None:
    """Take every word that is neither an option nor the value of one."""
    waiting = words[::-1]
    while waiting:
        word, at = waiting.pop()
        option, equals, value = word.partition("=")
        if word.startswith("-") and word != "-":
            glued = not word.startswith("--") and word[:2] in files and len(word) > len("-r")
            if glued:
                option, equals, value = word[:2], "=", word[2:]
            if (option in values or option in files) and not equals and waiting:
                value, at = waiting.pop()
            if option in files:
                reading.leave(value, _ELSEWHERE, at)
        elif "$" in word or "`" in word:
            reading.leave(word, "depends on a variable or a command whose value is not in the file", at)
        else:
            one(word, at, reading)


def _pip(word: str, at: int, reading: Reading) -> None:
    told = requirements.read(word)
    reading.adopt(told, at)
    for include in told.includes:
        reading.leave(include.path, _ELSEWHERE, at)


def _apt(word: str, at: int, reading: Reading) -> None:
    name, _, version = word.partition("=")
    exact = bool(version) and "*" not in version
    reading.add(
        name.partition(":")[0],
        at,
        kind="system",
        version=version if exact else "",
        specifier="" if exact else version,
    )


def _apk(word: str, at: int, reading: Reading) -> None:
    end = next((place for place, letter in enumerate(word) if letter in "=<>~"), len(word))
    name, rest = word[:end], word[end:]
    exact = rest.startswith("=") and not rest.startswith("=~")
    reading.add(name, at, kind="system", version=rest.lstrip("=") if exact else "", specifier="" if exact else rest)
