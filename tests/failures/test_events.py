"""What failed: tracebacks of all kinds, what other programs print, how it is chained, and whether it was survived."""

from __future__ import annotations

import pytest

from envcheck.failures import read
from envcheck.failures.events import places
from envcheck.failures.lines import read as read_lines

FIRST = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    import b\nImportError: no b\n'
SECOND = 'Traceback (most recent call last):\n  File "c.py", line 2, in g\n    f()\nRuntimeError: no c\n'
DIRECT = "\nThe above exception was the direct cause of the following exception:\n\n"
DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"
NOTEBOOK = """----------
ImportError                 Traceback (most recent call last)
Cell In[1], line 1
----> 1 import x

File ~/lib/x.py:12, in f(a)
     11 a
---> 12 b

ImportError: no b"""
OLD_NOTEBOOK = """<ipython-input-3-abc> in <module>
----> 1 f()

/opt/x.py in f()
      1 a
----> 2 b

ValueError: no"""


def events(log: str) -> list[dict[str, object]]:
    return [dict(event.facts) for event in read(log.encode(), "log").events]


def exceptions(log: str) -> list[tuple[object, object]]:
    return [(facts.get("exception"), facts.get("message")) for facts in events(log) if facts["kind"] == "exception"]


def test_a_traceback_tells_its_innermost_frame_its_program_and_its_message() -> None:
    log = (
        "Traceback (most recent call last):\n"
        '  File "/srv/main.py", line 3, in <module>\n    run()\n    ~~~^^\n'
        '  File "/srv/venv/lib/python3.12/site-packages/torch/cuda/__init__.py", line 17, in _lazy_init\n'
        "    torch._C._cuda_init()\n    ~~~~~~~~~~~~~~~~~~~^^\n"
        "RuntimeError: no GPU\nmore about it\n\nbye\n"
    )
    (facts,) = (each for each in events(log) if each["kind"] == "exception")
    assert facts["exception"] == "RuntimeError"
    assert facts["message"] == "no GPU\nmore about it"
    assert facts["file"] == "/srv/venv/lib/python3.12/site-packages/torch/cuda/__init__.py"
    assert (facts["line"], facts["function"], facts["source"]) == (17, "_lazy_init", "torch._C._cuda_init()")
    assert (facts["program"], facts["distribution"]) == ("/srv/main.py", "torch")


@pytest.mark.parametrize(
    ("between", "roles"),
    [(DIRECT, ["cause", "symptom"]), (DURING, ["context", "symptom"]), ("\nnext\n\n", [None, None])],
)
def test_exceptions_of_a_chain_know_their_role(between: str, roles: list[str | None]) -> None:
    told = [facts for facts in events(FIRST + between + SECOND) if facts["kind"] == "exception"]
    assert [facts["exception"] for facts in told] == ["ImportError", "RuntimeError"]
    assert [facts.get("role") for facts in told] == roles


def test_an_exception_group_is_the_symptom_of_what_it_holds() -> None:
    log = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "main.py", line 3, in <module>\n'
        "  |     run()\n"
        "  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | Traceback (most recent call last):\n"
        '    |   File "a.py", line 7, in f\n'
        "    |     g()\n"
        "    | ModuleNotFoundError: No module named 'b'\n"
        "    +---------------- 2 ----------------\n"
        "    | ValueError: no\n"
        "    +------------------------------------\n"
    )
    told = [facts for facts in events(log) if facts["kind"] == "exception"]
    assert [facts["exception"] for facts in told] == ["ExceptionGroup", "ModuleNotFoundError", "ValueError"]
    assert told[0]["role"] == "symptom"
    assert told[1]["role"] == "cause"
    assert (told[1]["file"], told[1]["message"]) == ("a.py", "No module named 'b'")


@pytest.mark.parametrize(
    ("log", "exception", "message"),
    [
        ("torch.cuda.OutOfMemoryError: CUDA out of memory.", "torch.cuda.OutOfMemoryError", "CUDA out of memory."),
        ("E   ModuleNotFoundError: No module named 'x'", "ModuleNotFoundError", "No module named 'x'"),
        ('  File "a.py", line 3, in f\n    g()\nKeyError: 1', "KeyError", "1"),
        ('  File "a.py", line 3\n    print x\n          ^\nSyntaxError: bad', "SyntaxError", "bad"),
        (NOTEBOOK, "ImportError", "no b"),
        (OLD_NOTEBOOK, "ValueError", "no"),
        ("Traceback (most recent call last):\n  File \"x\", line 1, in f\nsubprocess.TimeoutExpired: 'a'", None, None),
        ('Traceback (most recent call last):\n  File "x", line 1, in f\nTemplateNotFound: a.html', None, None),
        ('Traceback (most recent call last):\n  File "x", line 1, in f\nKeyboardInterrupt', "KeyboardInterrupt", None),
        (
            "Unhandled exception. System.IO.FileNotFoundException: no\n   at A.B()",
            "System.IO.FileNotFoundException",
            "no",
        ),
        (
            'Exception in thread "main" java.lang.UnsatisfiedLinkError: no x in path\n\tat a.B.c(B.java:1)',
            "java.lang.UnsatisfiedLinkError",
            "no x in path",
        ),
        ("TypeError [ERR_X]: no\n    at f (a.js:1:2)", "TypeError", "no"),
    ],
    ids=range(12),
)
def test_exceptions_of_every_style(log: str, exception: str | None, message: str | None) -> None:
    found = exceptions(log)
    assert len(found) == 1
    if exception is not None:
        assert found == [(exception, message)]
    else:
        name = log.rsplit("\n", 1)[1]
        assert found == [tuple(name.split(": "))]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("terminate called after throwing an instance of 'c10::Error'\n  what():  no", "native"),
        ("Fatal Python error: Segmentation fault", "native"),
        ("./app: error while loading shared libraries: libx.so.1: cannot open shared object file", "loader"),
        ("Error loading shared library libx.so.1: No such file or directory (needed by /app)", "loader"),
        ("dyld[12]: Library not loaded: @rpath/libx.dylib\n  Referenced from: /app", "loader"),
        ("./app: /lib/libc.so.6: version `GLIBC_2.34' not found (required by ./app)", "loader"),
        ("panic: runtime error: index out of range\n\ngoroutine 1 [running]:", "panic"),
        ("thread 'main' panicked at src/main.rs:2:5:\nno", "panic"),
        ("run.sh: line 3:   123 Segmentation fault      (core dumped) ./app", "exit"),
        ("Killed", "exit"),
        ("zsh: illegal hardware instruction  ./app", "exit"),
        ("container exited with code 137", "exit"),
        ("error: subprocess-exited-with-error", "build"),
        ("src/a.c:1:10: fatal error: x.h: No such file or directory", "build"),
        ("npm ERR! code ELIFECYCLE", "build"),
        ("cannot open the thing", "line"),
    ],
)
def test_what_other_programs_print_is_known_by_its_kind(line: str, kind: str) -> None:
    assert events(line)[0]["kind"] == kind


def test_the_message_of_a_native_end_is_what_it_says() -> None:
    (facts,) = events("terminate called after throwing an instance of 'c10::Error'\n  what():  no kernel\nAborted")[:1]
    assert (facts["exception"], facts["message"]) == ("c10::Error", "no kernel")


@pytest.mark.parametrize(
    "log",
    [
        f"{FIRST}INFO:     Started server process [1]\nINFO:     Waiting\nINFO:     Uvicorn running on http://x\n",
        "WARNING 11-21 12:00:00 [x.py:1] ImportError: no b\n",
        "/x.py:3: FutureWarning: it will be removed\n",
        f"{FIRST}Epoch 1: 10%|#   | 1/10\nEpoch 2: 20%|##  | 2/10\nEpoch 3: 30%|### | 3/10\n",
    ],
)
def test_what_a_program_went_on_after_is_survived(log: str) -> None:
    assert all(facts["survived"] for facts in events(log))


@pytest.mark.parametrize(
    "log",
    [FIRST, f"{FIRST}INFO:     Shutting down\nINFO: Stopping\nINFO: Finished closing\n", "INFO: a\nINFO: b\n" + FIRST],
)
def test_what_ended_a_program_is_not(log: str) -> None:
    assert not any(facts["survived"] for facts in events(log))


def test_the_library_that_a_message_names_says_whose_it_is() -> None:
    log = "ImportError: /v/lib/python3.10/site-packages/nvidia/cusparse/lib/libcusparse.so.12: undefined symbol: x"
    (facts,) = events(log)
    assert facts["library"] == "/v/lib/python3.10/site-packages/nvidia/cusparse/lib/libcusparse.so.12"
    assert facts["distribution"] == "nvidia/cusparse"


def test_the_distributions_of_the_innermost_frames_are_told() -> None:
    frames = ["peft/a", "transformers/b", "transformers/c", "torch/d"]
    log = "".join(f'  File "/v/lib/python3.11/site-packages/{name}.py", line 1, in f\n    g()\n' for name in frames)
    (facts,) = events(f"Traceback (most recent call last):\n{log}ValueError: no")
    assert (facts["distribution"], facts["caller"]) == ("torch", "transformers")
    (facts,) = events(
        '  File "/v/site-packages/torch/d.py", line 1, in f\n  File "/a.py", line 1, in g\nValueError: no'
    )
    assert "distribution" not in facts
    assert facts["caller"] == "torch"


def test_places_are_files_with_what_is_shown_of_them() -> None:
    log = '  File "/srv/a.py", line 3, in f\n    g()\n  File "/srv/b.py", line 4, in g\nOSError: /v/x.so.1: no'
    held = list(read_lines(log.encode(), 1))
    assert list(places(held)) == [("/srv/a.py", 3, "g()"), ("/srv/b.py", 4, ""), ("/v/x.so.1", 0, "")]
