"""What is kept of a log: its meaning without its dress, the parts that matter of any size, any bytes at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcheck.failures import read
from envcheck.failures.folding import MOST
from envcheck.failures.lines import LONGEST
from envcheck.failures.sieve import WHOLE, Sieve

FRAME = '  File "/srv/app/main.py", line 3, in <module>'


def text_of(log: str) -> str:
    return read(log.encode(), "log").text


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("\x1b[1;31mError:\x1b[0m no", "Error: no"),
        ("\x1b]0;title\x07Error: no", "Error: no"),
        ("10%|#  |\r50%|## |\rError: no", "Error: no"),
        ("Error\x00: \x07no\u202e", "Error: no"),
        ("2026-11-21 12:00:00,123 Error: no", "Error: no"),
        ("2026-11-21T12:00:00.123456789Z stderr F Error: no", "Error: no"),
        ("[2026-11-21 12:00:00.123] [error] Error: no", "Error: no"),
        ("2026-11-21 12:00:00,123 - app.server - ERROR - Error: no", "Error: no"),
        ("Nov 21 12:00:00 host app[12]: Error: no", "Error: no"),
        ("[Sat Nov 21 12:00:00 2026] Error: no", "Error: no"),
        ("[12345.678901] Error: no", "Error: no"),
        ("E1121 12:00:00.123456 1234 server.cc:12] Error: no", "server.cc:12] Error: no"),
        ("2026/11/21 12:00:00 Error: no", "Error: no"),
        ("ERROR 11-21 12:00:00 [engine.py:389] Error: no", "Error: no"),
        ("(EngineCore pid=12) ERROR 11-21 12:00:00 [core.py:7] Error: no", "Error: no"),
        ("(raylet) Error: no", "Error: no"),
        ("[rank0]: Error: no", "Error: no"),
        ("[1,0]<stderr>:Error: no", "Error: no"),
        ("web-1  | Error: no", "Error: no"),
        ("[pod/web-7d9f/app] Error: no", "Error: no"),
        ('time="2026-11-21T12:00:00Z" level=fatal msg="Error: \\"no\\""', 'Error: "no"'),
        ("(base) host:~$ python main.py", "(base) host:~$ python main.py"),
        ("| GPU  Name | a | b |", "| GPU  Name | a | b |"),
        ("ERROR: No matching distribution found", "ERROR: No matching distribution found"),
        ('{"error": {"message": "not a log line"}}', '{"error": {"message": "not a log line"}}'),
    ],
)
def test_a_line_is_freed_of_its_dress(line: str, plain: str) -> None:
    assert text_of(line) == plain


def test_a_json_record_is_its_message_its_error_and_its_stack() -> None:
    stack = f"Traceback (most recent call last):\n{FRAME}\nValueError: no"
    record = {"time": "2026-11-21T12:00:00Z", "level": "error", "msg": "failed", "error": "no", "exc_info": stack}
    failure = read(json.dumps(record).encode(), "log")
    assert failure.text == f"failed\nno\n{stack}"
    assert failure.events[-1].facts["exception"] == "ValueError"


def test_a_container_log_of_json_lines_is_the_output_of_the_program() -> None:
    lines = ["Traceback (most recent call last):\n", FRAME + "\n", "ValueError: no\n"]
    log = "\n".join(json.dumps({"log": line, "stream": "stderr", "time": "2026-11-21T12:00:00Z"}) for line in lines)
    assert text_of(log) == "".join(lines).rstrip()


def test_a_traceback_written_out_in_one_line_is_read() -> None:
    log = r"Task failed: Traceback (most recent call last):\n  File \"main.py\", line 3, in f\n    g()\nValueError: no"
    (event,) = (one for one in read(log.encode(), "log").events if one.facts["kind"] == "exception")
    assert (event.facts["exception"], event.facts["file"], event.facts["line"]) == ("ValueError", "main.py", 3)


def test_workers_that_speak_in_turn_are_put_in_order_and_told_once() -> None:
    said = ["Traceback (most recent call last):", FRAME, "    main()", "RuntimeError: GPU {0} is full"]
    log = "\n".join(f"[rank{rank}]: {line.format(rank)}" for line in said for rank in range(4))
    failure = read(log.encode(), "log")
    assert failure.text == "\n".join(said).format(0)
    (event,) = failure.events
    assert event.facts["repeated"] == 4


def test_an_unknown_margin_of_a_traceback_is_removed() -> None:
    said = ["Traceback (most recent call last):", FRAME, "    main()", "ValueError: no"]
    log = "\n".join(f"job.{number} ~ {line}" for number, line in enumerate(said, 17))
    assert text_of(log) == "\n".join(said)


def test_lines_keep_their_numbers() -> None:
    failure = read(b"one\ntwo\n\nValueError: no\n", "log")
    assert failure.lines == (1, 2, 3, 4)
    assert failure.about.value(("log",), "lines") == 4


def test_of_a_large_log_what_surrounds_the_first_and_the_last_mishap_is_kept() -> None:
    filler = [f"step {number} is done, all is well so far\n" for number in range(40_000)]
    log = [
        *filler,
        "ValueError: the first\n",
        "Traceback (most recent call last):\n",
        *filler,
        "panic: the last\n",
        *filler,
    ]
    data = "".join(log).encode()
    failure = read([data[at : at + 70_000] for at in range(0, len(data), 70_000)], "log")
    assert len(failure.text) <= MOST
    assert "ValueError: the first" in failure.text
    assert "panic: the last" in failure.text
    assert failure.text.startswith("step 0 is done")
    assert failure.text.endswith("step 39999 is done, all is well so far")
    line = failure.text[: failure.text.index("panic: the last")].count("\n")
    assert failure.lines[line] == 80_003
    assert failure.about.value(("log",), "lines") == 120_003
    assert failure.about.value(("log",), "truncated") is True


@given(st.binary(max_size=4000), st.integers(1, 5))
def test_a_log_may_come_in_pieces_of_any_size(data: bytes, pieces: int) -> None:
    size = len(data) // pieces + 1
    sieve = Sieve()
    for at in range(0, len(data), size):
        sieve.feed(data[at : at + size])
    assert b"".join(part.data for part in sieve.parts()) == data
    assert sieve.lines == data.count(b"\n")


@pytest.mark.parametrize("size", [WHOLE - 1, WHOLE, WHOLE + 1, WHOLE * 3])
def test_parts_are_in_order_and_never_overlap(size: int) -> None:
    said = (b"all is well\n", b"ERROR no\n", b"panic: no\n", b"all is very well\n")
    data = b"".join(said[number * number % 7 % 4] for number in range(size // 10))
    sieve = Sieve()
    for at in range(0, len(data), 5000):
        sieve.feed(data[at : at + 5000])
    end = 0
    for part in sieve.parts():
        assert part.start >= end
        assert data[part.start : part.end] == part.data
        assert part.line == data[: part.start].count(b"\n") + 1
        end = part.end
    assert end == len(data)


@pytest.mark.parametrize(
    "log",
    [
        b"",
        b"\n\n\n",
        b"\xff\xfe\x00",
        b"(" * 1_000_000,
        b"a" * 1_000_000 + b"!",
        b'{"level":' * 50_000,
        b'{"level": "x", "msg":' + b"[" * 20_000,
        b"\x1b[" * 50_000,
        b"Traceback (most recent call last):\n" * 5_000,
        b'  File "' * 20_000,
        b"FooError: x\n" * 10_000,
        b"[" * 50_000 + b"\n",
        b'time=x level=error msg="' + b'\\"' * 3_000,
        "\u202e\u2066".encode() * 1_000,
    ],
    ids=range(14),
)
def test_hostile_bytes_are_bounded_and_end(log: bytes) -> None:
    failure = read(log, "log")
    assert len(failure.text) <= MOST
    assert all(len(line) <= LONGEST for line in failure.text.split("\n"))
    assert all(letter.isprintable() or letter in "\t\n" or ord(letter) > 0xFF for letter in failure.text)
    assert len(failure.lines) == failure.text.count("\n") + 1 or not failure.text


@given(st.text(max_size=400))
def test_any_text_is_read_and_each_event_lies_in_it(log: str) -> None:
    failure = read(log.encode("utf-8", "surrogatepass"), "log")
    for event in failure.events:
        assert 0 <= event.start <= event.end <= len(failure.text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_logs_that_a_windows_shell_wrote_are_read(encoding: str) -> None:
    assert read("ValueError: nö\r\nmore\r\n".encode(encoding), "log").text == "ValueError: nö\nmore"


@pytest.mark.parametrize(
    "lines",
    [
        [f"{number * 16:08x}: 4d5a {number * 7919 % 65536:04x} 0300 0000" for number in range(40)],
        [f"| {number} | {number * number} | {number % 7} |" for number in range(40)],
        [f"layer.{number}.weight: size {number + 1}" for number in range(40)],
        [f"GPU {number}: {number * 10} MiB used" for number in range(40)],
    ],
    ids=["hex dump", "table", "layers", "GPUs"],
)
def test_lines_that_differ_in_numbers_are_different(lines: list[str]) -> None:
    assert text_of("\n".join(lines)) == "\n".join(lines)


@pytest.mark.parametrize(
    "line",
    [
        "waiting for 10.0.0.1 at {0:02}:10:{0:02}.5",
        "object at 0x7f{0:06x} is alive",
        "worker {0} is ready",
        "app[{0}]: no",
        "pid={0} rank={0} waits",
    ],
)
def test_lines_that_say_the_same_at_other_times_or_of_other_workers_are_told_in_short(line: str) -> None:
    lines = [line.format(number) for number in range(10, 50)]
    assert text_of("start\n" + "\n".join(lines)) == "\n".join(["start", *lines[:2], lines[-1]])


def test_tracebacks_of_one_program_that_differ_in_a_number_are_two() -> None:
    said = "Traceback (most recent call last):\n  File \"a.py\", line {0}, in f\nKeyError: 'layer {1}'"
    log = "\n\n".join(said.format(line, key) for line, key in ((1, 1), (1, 2), (1, 1), (3, 1)))
    told = [event.facts for event in read(log.encode(), "log").events]
    assert [(facts["line"], facts["message"]) for facts in told] == [
        (1, "'layer 1'"),
        (1, "'layer 2'"),
        (3, "'layer 1'"),
    ]
    assert told[0]["repeated"] == 2
