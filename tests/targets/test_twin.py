"""The copy of this process: it answers, it may die, and where none can be made there is none."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from envcheck.targets import twin as twins
from envcheck.targets.twin import Twin, twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system makes no copies of processes")


def ended(copy: Twin) -> bool:
    """Tell whether no process is left of a copy."""
    try:
        os.kill(copy._child, 0)
    except ProcessLookupError:
        return True
    return False


def handles() -> int:
    return len(os.listdir("/dev/fd"))


@pytest.fixture
def make() -> Iterator[Callable[[Callable[[Any], Any]], Twin]]:
    made: list[Twin] = []

    def fresh(work: Callable[[Any], Any]) -> Twin:
        made.append(Twin(work))
        return made[-1]

    yield fresh
    for copy in made:
        copy.end()
        assert ended(copy)


def test_it_answers_one_request_after_another(make: Callable[..., Twin]):
    copy = make(lambda value: (os.getpid(), [value, value]))
    for value in (None, "ä", b"\0\xff", (1, 2.5, {"a": (True,)}), frozenset((1,)), ""):
        copy.ask(value)
        pid, answer = copy.answer()
        assert answer == [value, value]
        assert pid == copy._child != os.getpid()


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 3 << 20])
def test_messages_of_any_size(make: Callable[..., Twin], size: int):
    copy = make(lambda value: value * 2)
    copy.ask(b"x" * size)
    assert copy.answer() == b"x" * size * 2


def test_it_works_while_this_process_does(make: Callable[..., Twin]):
    copy = make(lambda value: value + 1)
    copy.ask(1)
    assert sum(range(1000)) == 499_500
    assert copy.answer() == 2


def test_it_sees_what_was_there_when_it_was_made(make: Callable[..., Twin]):
    seen = ["before"]
    copy = make(lambda _value: seen)
    seen.append("after")
    copy.ask(None)
    assert copy.answer() == ["before"]


def _raise(_value: object) -> None:
    raise ValueError("no")


def _exit(_value: object) -> None:
    sys.exit(3)


def _recurse(value: object) -> object:
    return _recurse(value)


def _kill(_value: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _answer_with_what_marshal_refuses(_value: object) -> object:
    return object()


@pytest.mark.parametrize("work", [_raise, _exit, _recurse, _kill, _answer_with_what_marshal_refuses])
def test_one_that_fails_gives_no_answer_and_says_nothing(
    make: Callable[..., Twin], work: Callable[[Any], Any], capfd: pytest.CaptureFixture[str]
):
    copy = make(work)
    copy.ask(1)
    with pytest.raises(OSError, match="gone"):
        copy.answer()
    assert capfd.readouterr() == ("", "")


def test_one_that_was_killed_takes_no_requests(make: Callable[..., Twin]):
    copy = make(lambda value: value)
    os.kill(copy._child, signal.SIGKILL)
    os.waitid(os.P_PID, copy._child, os.WEXITED | os.WNOWAIT)
    with pytest.raises(OSError, match=r"."):
        copy.ask(b"x" * (1 << 20))


def test_one_that_was_killed_halfway_gives_no_answer(make: Callable[..., Twin]):
    def half(_value: object) -> object:
        os.kill(os.getpid(), signal.SIGSTOP)
        return None

    copy = make(half)
    copy.ask(1)
    os.waitid(os.P_PID, copy._child, os.WSTOPPED | os.WNOWAIT)
    os.kill(copy._child, signal.SIGKILL)
    with pytest.raises(OSError, match="gone"):
        copy.answer()


def test_it_leaves_nothing_open():
    before = handles()
    for _ in range(3):
        copy = Twin(lambda value: value)
        copy.ask(1)
        assert copy.answer() == 1
        copy.end()
        assert ended(copy)
    assert handles() == before


def test_the_end_of_one_that_nobody_asked_or_that_somebody_waited_for():
    copy = Twin(lambda value: value)
    copy.end()
    assert ended(copy)
    copy = Twin(_kill)
    copy.ask(1)
    os.waitpid(copy._child, 0)
    copy.end()
    assert ended(copy)


# Where none is made


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1}, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.usefixtures("two_processors")
def test_one_is_made_where_it_is_safe():
    copy = twin(lambda value: value)
    assert copy is not None
    copy.ask("x")
    assert copy.answer() == "x"
    copy.end()


def _without_fork(patch: pytest.MonkeyPatch) -> None:
    patch.delattr(os, "fork")


def _on_one_processor(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(os, "sched_getaffinity", lambda _pid: {3})


def _with_threads(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(threading, "active_count", lambda: 2)


def _on_macos(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sys, "platform", "darwin")


def _without_room(patch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    patch.setattr(os, "fork", fork)


@pytest.mark.usefixtures("two_processors")
@pytest.mark.parametrize("where", [_without_fork, _on_one_processor, _with_threads, _on_macos, _without_room])
def test_none_is_made_where_it_cannot_be(monkeypatch: pytest.MonkeyPatch, where: Callable[[pytest.MonkeyPatch], None]):
    with monkeypatch.context() as patch:
        where(patch)
        assert twins.twin(lambda value: value) is None
