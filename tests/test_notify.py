"""Who is told of a changed verdict, once, and what goes wrong."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from envcheck.errors import EnvcheckError, UsageError
from envcheck.notify import Receiver, notify, receiver
from tests.findings import finding, report

BROKEN = report(finding(torch="2.4.0"), finding(torch="2.5.0").replace(status="known"))
WARNINGS, OK = report(finding(severity="warning", torch="2.4.0")), report()
HERE = ("/srv/app", ".")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def told(tmp_path):
    """Return a receiver that keeps what it is told, and a way to read that."""
    log = tmp_path / "log"
    script = f"import sys; open({str(log)!r}, 'a').write(sys.stdin.read() + '\\n')"
    to = receiver(f'{sys.executable} -c "{script}"')
    return to, lambda: [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.mark.parametrize(
    ("verdicts", "messages"),
    [
        ([OK], []),
        ([OK, OK, BROKEN, BROKEN], [("ok", "broken")]),
        ([BROKEN, BROKEN, OK, OK], [("", "broken"), ("broken", "ok")]),
        ([WARNINGS, BROKEN, WARNINGS], [("", "warnings"), ("warnings", "broken"), ("broken", "warnings")]),
    ],
)
def test_only_a_change_is_told_and_first_only_what_is_not_ok(told, verdicts, messages):
    to, log = told
    for one in verdicts:
        notify(one, HERE, to)
    assert [(message["before"], message["verdict"]) for message in log()] == messages


def test_each_set_of_addresses_has_a_verdict_of_its_own_whatever_the_order(told):
    to, log = told
    for addresses in ((*HERE, "a"), ("a", *HERE), ("/elsewhere", ".")):
        notify(BROKEN, addresses, to)
    assert len(log()) == 2


def test_the_summary_says_what_is_new(told):
    to, log = told
    notify(BROKEN, HERE, to)
    (message,) = log()
    assert message["counts"] == {"error": 1, "warning": 0, "info": 0}
    assert message["targets"] == ["prod"]
    assert [(one["rule"], one["severity"], one["target"]) for one in message["findings"]] == [
        ("torch-too-old", "error", "prod")
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/no/such/program", "could not be started"),
        (f"{sys.executable} -c \"import sys; sys.exit('no mail server')\"", "no mail server"),
        (f'{sys.executable} -c "raise SystemExit(7)"', "ended with 7"),
    ],
)
def test_what_could_not_be_told_is_tried_again(told, command, said):
    for _ in range(2):
        with pytest.raises(EnvcheckError, match="nobody was notified") as error:
            notify(BROKEN, HERE, receiver(command))
        assert said in str(error.value)


def test_a_command_is_no_shell(tmp_path):
    notify(BROKEN, HERE, receiver(f"{sys.executable} -c 'pass' ; touch {tmp_path / 'hacked'} $(touch {tmp_path}/too)"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache"]


@pytest.fixture
def server():
    """Return a server on this machine that keeps what is posted and answers as the path asks."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(int(self.path.strip("/")))
            self.send_header("Location", "/200")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    held = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=held.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{held.server_port}", posted
    held.shutdown()
    held.server_close()


def test_a_url_is_posted_json(server):
    url, posted = server
    notify(BROKEN, HERE, receiver(f"{url}/200"))
    ((kind, message),) = posted
    assert (kind, message["verdict"]) == ("application/json", "broken")


@pytest.mark.parametrize("code", [302, 404, 500])
def test_another_answer_is_a_failure(server, code):
    url, posted = server
    with pytest.raises(EnvcheckError, match=f"the server answered {code}"):
        notify(BROKEN, HERE, receiver(f"{url}/{code}"))
    assert len(posted) == 1, "a redirection is not followed"


def test_a_server_that_is_not_there_is_told_without_the_url():
    with pytest.raises(EnvcheckError, match="Connection refused") as error:
        notify(BROKEN, HERE, receiver("http://127.0.0.1:9/secret-token"))
    assert "secret-token" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "gopher://example.org",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org:port/secret",
        "https://example.org:0/secret",
        "https://exa\nmple.org/secret",
        "https://[::1/secret",
        "http://ex\u00e4mple.org/secret",
        "",
        "   ",
        "''",
        "echo 'unclosed",
    ],
)
def test_what_can_be_neither_is_refused_before_any_work(text):
    with pytest.raises(UsageError) as error:
        receiver(text)
    assert "secret" not in str(error.value)


def test_a_command_may_name_a_url():
    assert receiver("curl -d @- https://example.org") == Receiver(command=("curl", "-d", "@-", "https://example.org"))
