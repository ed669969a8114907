"""The same failure in the dress of any log format gets the same answer as bare: what collectors add changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from envcheck.failures import read
from tests.failures.answering import causes, told

TIME = "2026-11-21T12:00:00.123456"
FAILURES = {
    "a missing package": """Traceback (most recent call last):
  File "/srv/app/main.py", line 3, in <module>
    import yaml
ModuleNotFoundError: No module named 'yaml'""",
    "an ABI": """Traceback (most recent call last):
  File "/srv/app/main.py", line 1, in <module>
    import pandas as pd
  File "/srv/venv/lib/python3.11/site-packages/pandas/__init__.py", line 22, in <module>
    from pandas.compat import is_numpy_dev as _is_numpy_dev
  File "pandas/_libs/interval.pyx", line 1, in init pandas._libs.interval
ValueError: numpy.dtype size changed, may indicate binary incompatibility. \
Expected 96 from C header, got 88 from PyObject""",
    "a chain": """Traceback (most recent call last):
  File "/srv/venv/lib/python3.11/site-packages/transformers/utils/import_utils.py", line 1390, in _get_module
    return importlib.import_module("." + module_name, self.__name__)
ImportError: libcudart.so.11.0: cannot open shared object file: No such file or directory

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/main.py", line 1, in <module>
    from transformers import AutoModel
RuntimeError: Failed to import transformers.modeling_utils because of the following error (look up to see \
its traceback):
libcudart.so.11.0: cannot open shared object file: No such file or directory""",
    "Java": """Exception in thread "main" java.lang.UnsupportedClassVersionError: org/example/App \
has been compiled by a more recent version of the Java Runtime (class file version 61.0), this version of the Java \
Runtime only recognizes class file versions up to 55.0
\tat java.base/java.lang.ClassLoader.defineClass1(Native Method)
\tat java.base/java.lang.ClassLoader.defineClass(ClassLoader.java:1017)""",
}


def line_by_line(dress: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(dress(line) for line in text.split("\n"))


def whole(*records: Callable[[str], object]) -> Callable[[str], str]:
    return lambda text: "\n".join(json.dumps(record(text)) for record in records)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def error(text: str) -> dict[str, object]:
    """Return what a library that writes errors as fields makes of a failure: kind, message, stack."""
    kind, _, message = text.rpartition("\n")[2].partition(": ")
    return {"message": message, "type": kind, "stack": text}


def klog(text: str) -> str:
    return f'E1121 12:00:00.123456       1 main.go:12] "Run failed" err={quoted(text)} pod="default/x"'


def described(text: str) -> str:
    """Return a pod as `kubectl describe` shows one whose container left a message."""
    return (
        "    Last State:     Terminated\n      Reason:       Error\n"
        f"      Message:      {text}\n\n      Exit Code:    1\n    Ready:          False\n"
    )


LINES: dict[str, Callable[[str], str]] = {
    "Docker's json-file": lambda line: json.dumps({"log": f"{line}\n", "stream": "stderr", "time": f"{TIME}Z"}),
    "container runtime": lambda line: f"{TIME}789Z stderr F {line}",
    "journald": lambda line: json.dumps({"PRIORITY": "6", "_PID": "12", "__REALTIME_TIMESTAMP": "1", "MESSAGE": line}),
    "journald's bytes": lambda line: json.dumps({"PRIORITY": "3", "_PID": "12", "MESSAGE": list(line.encode())}),
    "journalctl": lambda line: f"Nov 21 12:00:00 host app[12]: {line}",
    "journalctl -o short-iso": lambda line: f"2026-11-21T12:00:00+0000 host app[12]: {line}",
    "journalctl -o short-full": lambda line: f"Sat 2026-11-21 12:00:00 UTC host app[12]: {line}",
    "syslog": lambda line: f"<11>1 {TIME}Z host app 12 - - {line}",
    "GitHub Actions": lambda line: f"{TIME}7Z {line}",
    "GitHub Actions, error": lambda line: f"{TIME}7Z ##[error]{line}",
    "gh run view --log": lambda line: f"build\tRun tests\t{TIME}7Z {line}",
    "GitLab": lambda line: f"{TIME}Z 01E {line}",
    "GitLab without times": lambda line: f"\x1b[0;m{line}\x1b[0;m",
    "Heroku": lambda line: f"{TIME}+00:00 app[web.1]: {line}",
    "Google Cloud, text": lambda line: json.dumps({"textPayload": line, "severity": "ERROR", "insertId": "a"}),
    "Loki": lambda line: json.dumps({"labels": {"app": "x"}, "line": line, "timestamp": f"{TIME}Z"}),
    "Fluent Bit": lambda line: json.dumps({"date": 1.5, "log": line, "stream": "stderr", "kubernetes": {"pod": "x"}}),
    "Docker Compose": lambda line: f"web-1  | {line}",
    "kubectl logs --prefix": lambda line: f"[pod/web-7d9f/app] {line}",
    "indented": lambda line: f"      {line}",
}
RECORDS: dict[str, Callable[[str], str]] = {
    "a message": whole(lambda text: {"level": "error", "ts": 1.5, "msg": text}),
    "JSON within Docker's JSON": whole(
        lambda text: {"log": json.dumps({"level": "error", "msg": text}) + "\n", "stream": "stderr", "time": TIME}
    ),
    "logfmt within Docker's JSON": whole(
        lambda text: {"log": f"level=error msg=failed err={quoted(text)}\n", "stream": "stderr", "time": TIME}
    ),
    "python-json-logger": whole(
        lambda text: {"levelname": "ERROR", "asctime": TIME, "message": "no", "exc_info": text}
    ),
    "structlog": whole(lambda text: {"level": "error", "event": "it failed", "exception": text, "timestamp": TIME}),
    "loguru": whole(
        lambda text: {
            "text": text,
            "record": {"message": f"no\n{text}", "level": {"name": "ERROR"}, "time": {"repr": TIME}},
        }
    ),
    "pino": whole(lambda text: {"level": 50, "time": 1, "msg": "it failed", "err": error(text)}),
    "winston": whole(lambda text: {"level": "error", "message": "it failed", "stack": text, "timestamp": TIME}),
    "an error with fields": whole(lambda text: {"level": "error", "msg": "it failed", "error": error(text)}),
    "Elastic Common Schema": whole(
        lambda text: {"@timestamp": TIME, "log.level": "error", "message": "no", "error": {"stack_trace": text}}
    ),
    "Elastic, dotted": whole(
        lambda text: {"@timestamp": TIME, "log.level": "error", "message": "no", "error.stack_trace": text}
    ),
    "OpenTelemetry": whole(
        lambda text: {
            "timestamp": TIME,
            "severityText": "ERROR",
            "body": {"stringValue": "it failed"},
            "attributes": {"exception.stacktrace": text},
        }
    ),
    "Google Cloud, fields": whole(
        lambda text: {"jsonPayload": {"message": text}, "severity": "ERROR", "timestamp": TIME}
    ),
    "Datadog": whole(lambda text: {"level": "error", "message": "no", "error": {"kind": "X", "stack": text}}),
    "zap": whole(lambda text: {"level": "error", "ts": 1.5, "caller": "a.go:1", "msg": "no", "error": text}),
    "zap's console": lambda text: f"{TIME}Z\tERROR\tcmd/main.go:12\tit failed\t{json.dumps({'error': text})}",
    "logfmt, msg": lambda text: f"time={TIME}Z level=error msg={quoted(text)}",
    "logfmt, err": lambda text: f'ts={TIME}Z caller=main.go:1 level=error msg="it failed" err={quoted(text)}',
    "logfmt, error": lambda text: f'time={TIME}Z level=error msg="it failed" error={quoted(text)} job=12',
    "logfmt, exception": lambda text: f'level=error logger=x msg="it failed" exception={quoted(text)}',
    "logfmt, stderr": lambda text: f'level=error msg="it failed" reason=Error stderr={quoted(text)}',
    "klog": klog,
    "klog, bare": lambda text: klog(text).partition("] ")[2].join(("main.go:12] ", "")),
    "kubectl describe": described,
}


def answer(log: str) -> list[tuple[str, str]]:
    """Return cause and confidence of the first cause, and the exceptions that were understood."""
    found = causes(log)
    assert found, "no cause at all"
    return [(found[0].finding.cause, found[0].finding.confidence)]


@pytest.mark.parametrize("text", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("dress", LINES.values(), ids=LINES)
def test_a_failure_is_explained_in_any_dress_of_its_lines(text: str, dress: Callable[[str], str]) -> None:
    log = line_by_line(dress)(text)
    assert answer(log) == answer(text), f"{told(causes(log))}\n{read(log.encode(), 'log').text}"


@pytest.mark.parametrize("text", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_failure_is_explained_in_any_record(text: str, record: Callable[[str], str]) -> None:
    log = record(text)
    assert answer(log) == answer(text), f"{told(causes(log))}\n{read(log.encode(), 'log').text}"


@pytest.mark.parametrize("text", FAILURES.values(), ids=FAILURES)
def test_what_follows_in_other_records_is_no_part_of_it(text: str) -> None:
    others: Iterable[dict[str, object]] = (
        {"level": "info", "msg": "starting", "ts": 1},
        {"level": "error", "msg": "bye"},
    )
    first, last = map(json.dumps, others)
    log = f"{first}\n{json.dumps({'level': 'error', 'msg': 'no', 'error': text})}\n{last}"
    assert answer(log) == answer(text)


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ('level=error msg="no" err="a: b" reason=Timeout cause="c"', "no\na: b\nTimeout\nc"),
        ('level=error msg="größer \\"x\\"\\n\\tmore" err=<nil>', 'größer "x"\n\tmore'),
        ('E0612 12:00:00.0 1 file.go:12] "text" err="boom" pod="a/b"', "text\nboom"),
        ("E0612 12:00:00.0 1 file.go:12] plain text", "file.go:12] plain text"),
        ('{"level":"error","error":{"message":"no","type":"E","stack":"E: no\\n    at f (a.js:1:2)"}}',
         "E: no\n    at f (a.js:1:2)"),
        ('{"level":"error","msg":"m","error":{"message":"no","code":"E1","type":"Err"}}', "m\nErr: no"),
        ('{"errorMessage":"No module named x","errorType":"E","stackTrace":["  File \\"a.py\\", line 1"]}',
         '  File "a.py", line 1\nE: No module named x'),
        ('{"@t":"x","@l":"Error","@mt":"it failed","@x":"System.X: no\\n   at A.B()"}',
         "it failed\nSystem.X: no\n   at A.B()"),
        ('{"short_message":"no","level":3,"host":"h","version":"1.1"}', "no"),
        ('{"level":"error","exception":[{"exc_type":"KeyError","exc_value":"1","frames":[{"filename":"a.py","lineno":3,"name":"f"}]}],"event":"e"}',
         'e\nTraceback (most recent call last):\n  File "a.py", line 3, in f\nKeyError: 1'),
        ("##[error]Process completed with exit code 1.", "Process completed with exit code 1."),
        ("::error file=a.py,line=1::no module", "no module"),
        ("  Warning  Failed  5s (x3 over 30s)  kubelet  Error: no", "Failed: Error: no"),
        ("  Normal  Pulled  5s  kubelet, node-1  Pulled it", "Pulled: Pulled it"),
        ("3m   Warning   BackOff   pod/x-1   Back-off restarting failed container",
         "BackOff: Back-off restarting failed container"),
        ("prod  3m  Warning  BackOff  pod/x-1  Back-off restarting", "BackOff: Back-off restarting"),
        ('{"status": 404, "message": "model not found"}', '{"status": 404, "message": "model not found"}'),
        ('{"a": 1} and {"b": 2}', '{"a": 1} and {"b": 2}'),
        ("a=1 b=2 level 3", "a=1 b=2 level 3"),
        ("x = y level=error", "x = y level=error"),
    ],
)  # fmt: skip
def test_a_record_is_what_it_says(line: str, plain: str) -> None:
    assert read(line.encode(), "log").text == plain


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('{"level": 50, "time": 1, "msg": "no"}', "error"),
        ('{"level": 30, "time": 1, "msg": "no"}', "info"),
        ('{"short_message": "no", "level": 3}', "error"),
        ('{"PRIORITY": "3", "MESSAGE": "no"}', "error"),
        ('{"PRIORITY": "6", "MESSAGE": "no"}', ""),
        ('{"record": {"level": {"name": "WARNING"}, "message": "no"}}', "warning"),
        ("level=warn msg=no", "warning"),
        ("W tensorflow/core/x.cc:12] no", "warning"),
        ("-- Could NOT find Git (missing: GIT_EXECUTABLE)", "warning"),
        ("-- Looking for pthread_create in pthreads - not found", "warning"),
        ("-- Configuring incomplete, errors occurred!", ""),
        ("checking for swig... no", "warning"),
        ("  Normal  Pulled  5s  kubelet  Pulled it", "info"),
        ("  Warning  Failed  5s  kubelet  Error: no", "error"),
    ],
)
def test_a_line_tells_how_bad_it_is(line: str, level: str) -> None:
    assert read(line.encode(), "log").levels[0] == level


def test_a_warning_of_cmake_is_one_to_its_end() -> None:
    log = "CMake Warning at CMakeLists.txt:12 (message):\n  CUDA not found\n\n  more\nCMake Error at x:1\n  no"
    assert read(log.encode(), "log").levels == ("warning", "warning", "warning", "warning", "", "")
