"""Dockerfiles: base images, variables and the packages that the stages of the last image install.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from envcheck.formats.tree import FormatError
from envcheck.locks import installs, shell
from envcheck.locks.declaration import Declared, Reading, is_version
from envcheck.requirements import normalise
from envcheck.versions import satisfies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.locks.declaration import Declaration

_ESCAPE = re.compile(r"#\s*escape\s*=\s*([\\`])\s*$", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)(?:\s+|$)")
_FLAG = re.compile(r"--[\w-]+(?:=\S*)?\s+")
_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\],]')
_FROM_STAGE = re.compile(r"\bfrom=([^\s,]+)")
_KNOWN = (
    *("FROM", "ARG", "ENV", "RUN", "COPY", "ADD", "CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
_MOST_STAGES = 1000
_OFFICIAL = ("python", "library/python", "docker.io/python", "docker.io/library/python")


class _Instruction:
    """One instruction: its name, its text with lines joined, and which line of the file each part of that is from."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.pieces: list[str] = []
        self.size = 0
        self.starts: list[int] = []
        self.lines: list[int] = []

    def extend(self, text: str, line: int) -> None:
        self.starts.append(self.size)
        self.lines.append(line)
        self.pieces.append(text)
        self.size += len(text)

    @cached_property
    def text(self) -> str:
        return "".join(self.pieces)

    def line_of(self, offset: int) -> int:
        return self.lines[max(bisect_right(self.starts, offset) - 1, 0)] if self.lines else self.line


class _Stage:
    """One stage of a build: what it is based on, its variables, and what its commands install."""

    def __init__(self, base: str, names: tuple[str, ...], parent: _Stage | None) -> None:
        self.base = base
        self.names = names
        self.uses: list[_Stage] = [parent] if parent else []
        self.parent = parent
        self.reading = Reading()
        self.variables: dict[str, tuple[str, int]] = dict(parent.variables) if parent else {}
        self.arguments: dict[str, str] = {}

    def known(self) -> dict[str, str]:
        """Return what a name stands for: an ENV hides an ARG."""
        return self.arguments | {name: value for name, (value, _) in self.variables.items()}


def read(source: str) -> Declaration:
    """Return what a Dockerfile declares of its last stage and those that it takes from; raises FormatError."""
    escape = "\\"
    for line in source.splitlines():
        found = _ESCAPE.match(line)
        escape = found[1] if found else escape
        if line.strip() and not line.lstrip().startswith("#"):
            break
    build = _Build(escape)
    for instruction in _instructions(source, escape):
        build.take(instruction)
    if not build.stages:
        raise FormatError("a Dockerfile has a FROM", 1)
    return build.done()


def _instructions(source: str, escape: str) -> list[_Instruction]:
    """Return the instructions; a comment or an empty line does not end one that goes on."""
    found: list[_Instruction] = []
    current: _Instruction | None = None
    waiting: list[str] = []  # the words that end here-documents
    for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1):
        if waiting and current:
            if line.strip() == waiting[0]:
                waiting.pop(0)
                current = current if waiting else None
            else:
                current.extend(line + "\n", number)
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if current is None:
            current = _Instruction(number)
            found.append(current)
        bare = line.rstrip()
        goes_on = bare.endswith(escape)
        current.extend(bare.removesuffix(escape) if goes_on else bare, number)
        if not goes_on:
            waiting = _heredocs("".join(current.pieces))
            if waiting:
                current.extend("\n", number)
            else:
                current = None
    return found


def _heredocs(text: str) -> list[str]:
    """Return the words that end the here-documents of an instruction."""
    may = text[:4].upper().startswith(("RUN", "COPY", "ADD"))
    return [found[2] for found in _HEREDOC.finditer(text)] if may else []


class _Build:
    def __init__(self, escape: str) -> None:
        self.escape = escape
        self.stages: list[_Stage] = []
        self.images = Reading()
        self.arguments: dict[str, str] = {}  # those before the first FROM, which only FROM sees

    def take(self, instruction: _Instruction) -> None:
        """Follow one instruction."""
        found = _INSTRUCTION.match(instruction.text)
        name = found[1].upper() if found else ""
        if name not in _KNOWN:
            self.images.leave(instruction.text.partition(" ")[0], "not an instruction of Dockerfiles", instruction.line)
            return
        assert found is not None
        start = found.end()
        while flag := _FLAG.match(instruction.text, start):
            self.refer(flag[0])
            start = flag.end()
        if name == "FROM":
            self.begin(instruction, found.end())
        elif name == "ARG":
            self.argue(instruction, start)
        elif self.stages and name == "ENV":
            self.set(instruction, start)
        elif self.stages and name == "RUN":
            self.run(instruction, start)

    def stage(self, name: str) -> _Stage | None:
        """Return the stage of a name or a number."""
        if name.isdecimal() and int(name) < len(self.stages):
            return self.stages[int(name)]
        return next((stage for stage in reversed(self.stages) if name.lower() in stage.names), None)

    def refer(self, flag: str) -> None:
        """Note from which other stage files are taken."""
        for name in _FROM_STAGE.findall(flag):
            other = self.stage(name)
            if other is not None and self.stages:
                self.stages[-1].uses.append(other)

    def begin(self, instruction: _Instruction, start: int) -> None:
        """Begin a stage."""
        words = [word for word, _ in shell.words(instruction.text[start:], self.arguments, self.escape)]
        platform = next((word.partition("=")[2] for word in words if word.startswith("--platform=")), "")
        words = [word for word in words if not word.startswith("--")]
        image = words[0] if words else ""
        called = (words[2].lower(),) if len(words) > 2 and words[1].lower() == "as" else ()  # noqa: PLR2004  FROM x AS y
        if len(self.stages) == _MOST_STAGES:
            raise FormatError(f"more than {_MOST_STAGES} stages", instruction.line)
        parent = self.stage(image) if not image.isdecimal() else None
        self.stages.append(_Stage(image, called, parent))
        if parent is not None or image.lower() in ("", "scratch"):
            return
        if "$" in image:
            self.images.leave(image, "depends on an argument that has no default", instruction.line)
            return
        rest, _, digest = image.partition("@")
        path, colon, tag = rest.rpartition(":")
        if not colon or "/" in tag:
            path, tag = rest, ""
        self.images.add(
            path, instruction.line, kind="image", version=tag, hashes=(digest,) if digest else (), build=platform
        )

    def argue(self, instruction: _Instruction, start: int) -> None:
        """Take arguments: those before the first FROM, or a stage's own, which may repeat one of those."""
        into = self.stages[-1].arguments if self.stages else self.arguments
        known = self.stages[-1].known() if self.stages else self.arguments
        for word, _ in shell.words(instruction.text[start:], known, self.escape):
            name, equals, value = word.partition("=")
            if equals:
                into[name] = value
            elif self.stages and name in self.arguments:
                into[name] = self.arguments[name]

    def set(self, instruction: _Instruction, start: int) -> None:
        """Take variables, `NAME=value …` or the old `NAME value`."""
        stage = self.stages[-1]
        words = shell.words(instruction.text[start:], stage.known(), self.escape)
        if words and "=" not in words[0][0]:
            rest = " ".join(word for word, _ in words[1:])
            words = [(f"{words[0][0]}={rest}", words[0][1])]
        for word, offset in words:
            name, _, value = word.partition("=")
            stage.variables[name] = (value, instruction.line_of(start + offset))

    def run(self, instruction: _Instruction, start: int) -> None:
        """Take what a command installs, in the shell form, as a here-document, or as a JSON list."""
        stage = self.stages[-1]
        text = instruction.text[start:]
        # Blanks for what is no command keep every word where it stands.
        if text.startswith("["):
            text = _JSON.sub(lambda part: part[0] if part[0][0] == '"' else " ", text)
        text = _HEREDOC.sub(lambda part: " " * len(part[0]), text)
        told = Reading()
        for words in shell.commands(" " * start + text, stage.known(), self.escape):
            installs.take(words, told)
        stage.reading.packages += [one.replace(line=instruction.line_of(one.line)) for one in told.packages]
        stage.reading.unread += [one.replace(line=instruction.line_of(one.line)) for one in told.unread]
        if told.python is not None:
            stage.reading.python = told.python.replace(line=instruction.line_of(told.python.line))

    def done(self) -> Declaration:
        """Return what the last stage has, and those that it is based on or takes files from."""
        last = self.stages[-1]
        used = [last]
        for stage in used:
            used += [other for other in stage.uses if other not in used]
        together = self.images
        for stage in sorted(used, key=self.stages.index):
            together.packages += stage.reading.packages
            together.unread += stage.reading.unread
        together.variables = [(name, value, line) for name, (value, line) in sorted(last.variables.items())]
        together.packages = _latest(together.packages)
        _python(last, together)
        return together.done(complete=("image",))


def _latest(packages: list[Declared]) -> list[Declared]:
    """Return each package once: a later installation replaces an earlier one, unless that already is what it asks."""
    latest: dict[tuple[str, str], Declared] = {}
    for one in packages:
        key = (one.kind, normalise(one.name) if one.kind == "package" else one.name)
        before = latest.get(key)
        asks_no_more = not one.version and not one.direct_url
        if before and before.version and asks_no_more and satisfies(before.version, one.specifier) is not False:
            continue
        latest[key] = one
    return sorted(latest.values(), key=lambda one: one.line)


def _python(last: _Stage, together: Reading) -> None:
    """Take the Python of the last stage: conda's, or that of the official image."""
    stage: _Stage | None = last
    while stage is not None:
        if stage.reading.python is not None:
            together.python = stage.reading.python
            return
        path, _, tag = stage.base.partition("@")[0].partition(":")
        if stage.parent is None and path.lower() in _OFFICIAL:
            version = tag.partition("-")[0]
            line = next(one.line for one in together.packages if one.kind == "image" and one.name == path)
            together.ask_python(version if "." in version and is_version(version) else f"=={version}.*", line)
            return
        stage = stage.parent
