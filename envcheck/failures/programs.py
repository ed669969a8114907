"""What programs that are not Python print when they fail: loaders, native code, panics, builds, and how they ended."""

from __future__ import annotations

import re

from envcheck.failures.python import DIRECT, DURING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.failures.lines import Line
    from envcheck.failures.python import Block

_LONGEST = 60  # lines of one of them
_FRAME = re.compile(r"\s+(?:at |in |--- End|\.\.\. \d|---> )|\s*--- End of|\s+ ?---> ")
_NET = r"(?P<exception>(?:[A-Z]\w{0,60}\.){1,10}[A-Z]\w{0,80}Exception)(?: \(0x[0-9A-Fa-f]+\))?: (?P<message>.*)"
_JAVA = r"(?P<exception>(?:[a-z]\w{0,40}\.){1,10}[A-Z][\w$]{0,80}(?:Error|Exception))(?:: (?P<message>.*))?$"
_SIGNALS = (
    r"Killed|Aborted|Segmentation fault|Illegal instruction|Bus error|Floating point exception|Trace/breakpoint trap"
    r"|killed|segmentation fault|illegal hardware instruction"
)
_EXITS = (
    r"exit(?:ed)?(?: with)?(?: code| status)?:? ?\(?-?\d{1,10}\b|exitCode: -?\d+|exit status \d+|OOMKilled"
    r"|CrashLoopBackOff|returned (?:a )?non-zero|signal: \w+|[Mm]ain process exited, code=\w+, status=\d+/\w+"
)
_BUILDS = (
    r"error: subprocess-exited-with-error|ERROR: Failed (?:building|to build)|CMake Error|npm (?:ERR!|error)"
    r"|ninja: build stopped|collect2: error|make(?:\[\d+\])?: \*\*\*|error: command '|error\[E\d+\]"
    r"|.{1,300}: fatal error: "
)
# Kind, role, the expression, and whether lines of a stack follow.
_KNOWN = tuple(
    (kind, role, re.compile(text), stack)
    for kind, role, text, stack in (
        ("exception", "", rf"(?:Unhandled [Ee]xception[.:]? ?)?{_NET}", True),
        ("exception", "cause", rf"\s*-+> {_NET}", True),
        ("exception", "", rf'Exception in thread "[^"\n]{{0,100}}" {_JAVA}', True),
        ("exception", "cause", rf"Caused by: {_JAVA}", True),
        ("exception", "", _JAVA, True),
        ("exception", "", r"(?:Uncaught )?(?P<exception>[A-Z]\w{0,60}Error|Error)(?: \[\w+\])?: (?P<message>.*)", True),
        ("panic", "", r"panic: (?P<message>.*)", True),
        ("panic", "", r"thread '[^'\n]{0,100}' (?:\(\d+\) )?panicked at (?P<message>.*)", True),
        ("panic", "", r"(?:fatal error|runtime error): (?P<message>.*)", True),
        ("native", "", r"terminate called (?:after throwing an instance of '(?P<exception>[^'\n]{1,300})')?", True),
        ("native", "", r"libc\+\+abi(?:\.dylib)?: terminating .*", False),
        ("native", "", r"Fatal Python error: (?P<message>.*)", True),
        ("native", "", r"\*\*\* (?:stack smashing|Error in|SIG\w+|Process received).*", False),
        ("native", "", r".{0,60}double free or corruption.*", False),
        ("loader", "", r".{0,300}?(?:loading shared libraries|symbol lookup error): (?P<message>.*)", False),
        ("loader", "", r"Error (?:loading shared library|relocating) (?P<message>.*)", False),
        ("loader", "", r"dyld(?:\[\d+\])?: (?P<message>.*)", True),
        ("loader", "", r".{0,1000}?: (?:cannot open shared object file|undefined symbol).*", False),
        ("loader", "", r".{0,1000}?: version `[^'\n]{1,80}' not found.*", False),
        ("loader", "", r"OSError: \[WinError (?:126|127|193|1114)\].*", False),
        (
            "exit",
            "",
            rf"(?:.{{0,200}}(?: line \d+: +|\] +)\d+ |zsh: )?(?:{_SIGNALS})\b(?: \(core dumped\)| {{2,}}\S.*| *$)",
            False,
        ),
        ("exit", "", rf".{{0,300}}?\b(?:{_EXITS}).*", False),
        ("build", "", rf"(?:{_BUILDS}).*", False),
    )
)
_MISHAP = re.compile(
    r"(?i)\b(?:errors?|fatal|fail(?:ed|ure|s)?|cannot|can't|can not|could ?n[o']t|could not|unable to|denied|refused"
    r"|not found|no such|panic|unsupported|not supported|mismatch|incompatible|invalid|missing|undefined|abort(?:ed)?"
    r"|killed|unknown|not available|out of memory|does not|doesn't|not a |no module|no package|unrecognized|illegal"
    r"|exception)\b"
)


def find(lines: Sequence[Line], taken: Sequence[Block]) -> list[Block]:
    """Return what failed outside of the blocks that are already known, in order."""
    known = {place for start, end, _ in taken for place in range(start, end)}
    found: list[Block] = []
    at = 0
    while at < len(lines):
        block = None if at in known else _known(lines, at, known) or _plain(lines, at, found)
        if block is None:
            at += 1
            continue
        if found and found[-1][0] == block[0]:
            found[-1] = block
        else:
            found.append(block)
        at = block[1]
    return found


def _known(lines: Sequence[Line], at: int, known: set[int]) -> Block | None:
    text = lines[at][1]
    for kind, role, pattern, stack in _KNOWN:
        match = pattern.match(text)
        if match is None:
            continue
        facts: dict[str, str | int | bool] = {"kind": kind}
        facts |= {name: value for name, value in match.groupdict().items() if value}
        if role:
            facts["role"] = role
        end = at + 1
        while stack and end < min(len(lines), at + _LONGEST) and end not in known:
            following = lines[end][1]
            if "what():" in following:
                facts["message"] = following.partition("what():")[2].strip()
            elif not _FRAME.match(following) or following.lstrip().startswith("---> "):
                break
            end += 1
        return at, end, facts
    return None


def _plain(lines: Sequence[Line], at: int, found: Sequence[Block]) -> Block | None:
    """Return a line that tells of a mishap; one that follows another such line belongs to the same."""
    text, level = lines[at][1], lines[at][2]
    quiet = level in ("info", "debug") or not text.strip() or text.startswith((DIRECT, DURING))
    if quiet or not (level == "error" or _MISHAP.search(text)):
        return None
    before = found[-1] if found else None
    if before is not None and before[1] == at and before[2]["kind"] == "line" and lines[at - 1][2] == level:
        return before[0], at + 1, before[2]
    return at, at + 1, {"kind": "line"}
